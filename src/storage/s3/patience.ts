import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from './fault.ts';

/** How long a network failure or an overloaded bucket may last; AWS's client itself retries only a few times. */
export const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Retries `work` after temporary failures, for as long as `patienceMs`. Fails with the last error. */
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
