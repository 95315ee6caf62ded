import { totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** Bytes of memory that this process may use: the machine's, or its container's where that has less. */
export function memoryBytes(): number {
  // 0 where no limit is known; on Linux without a limit a number far beyond any machine.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** The default memory for all bodies of a run: a quarter leaves room for everything else. */
export function defaultMaxMemory(): number {
  return Math.floor(memoryBytes() / 4);
}

/**
 * Takes half of the memory of a run of many exchanges away, for some 5% of CPU: V8 lets its young generation grow to
 * 96 MB, and its old one to twice of what lives there. Unknown flags are passed over by V8.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--max-semi-space-size=16');
  setFlagsFromString('--heap-growing-percent=20');
}
