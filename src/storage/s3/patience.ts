import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from './fault.ts';

/** A network that is cut for a while, a bucket that is asked too much: beyond what AWS's client tries by itself. */
export const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Does `work` again while it fails with what may pass, for as long as `patienceMs`. Fails with its last error. */
export async function patiently<Value>(work: () => Promise<Value>, patienceMs: number): Promise<Value> {
  const until = performance.now() + patienceMs;
  for (let longestMs = FIRST_PAUSE_MS; ; longestMs = Math.min(2 * longestMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      const pauseMs = longestMs * (0.5 + Math.random() / 2);
      if (!isPassing(error) || performance.now() + pauseMs > until) throw error;
      await sleep(pauseMs);
    }
  }
}
