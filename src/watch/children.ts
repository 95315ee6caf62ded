import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to all that descend from a process, the youngest first. */
export function signalChildren(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  for (const child of childrenOf(pid)) {
    signalChildren(child, name);
    try {
      process.kill(child, name);
    } catch {
      // it has ended by itself
    }
  }
}

/** proc(5), /proc/pid/task/tid/children. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
