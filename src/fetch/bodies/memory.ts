import { totalmem } from 'node:os';

/** Bytes of memory that this process may use: the machine's, or its container's where that has less. */
export function memoryBytes(): number {
  // 0 where no limit is known; on Linux without a limit a number far beyond any machine.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** What all bodies of a run may hold together unless it is said: a quarter leaves room for everything else. */
export function defaultMaxMemory(): number {
  return Math.floor(memoryBytes() / 4);
}
