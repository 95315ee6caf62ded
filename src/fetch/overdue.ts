import { limitText } from './duration.ts';
import { FetchError } from './errors.ts';
import type { Job } from './job.ts';
import { option } from './option-names.ts';
import type { Settings } from './settings.ts';

/** The time limit that a job on the wire has passed, as its error; null when none. `now`: performance.now(). */
export function overdue(job: Job, now: number, settings: Settings): FetchError | null {
  const { firstByteTimeoutMs, idleTimeoutMs } = settings;
  if (!Number.isNaN(job.pausedAt)) return null;
  if (now - job.attemptAt - job.pausedMs > job.timeoutMs)
    return late('timeout', `no whole answer within ${limitText(job.timeoutMs)}`, 'timeout');
  if (Number.isNaN(job.answeredAt) && now - job.sentAt > firstByteTimeoutMs)
    return late(
      'timeout-first-byte',
      `no answer within ${limitText(firstByteTimeoutMs)} of the request`,
      'firstByteTimeout',
    );
  if (now - job.readAt > idleTimeoutMs)
    return late('timeout-idle', `the answer stopped for ${limitText(idleTimeoutMs)}`, 'idleTimeout');
  return null;
}

function late(
  code: 'timeout' | 'timeout-first-byte' | 'timeout-idle',
  what: string,
  limit: 'timeout' | 'firstByteTimeout' | 'idleTimeout',
): FetchError {
  return new FetchError(code, `${what}; allow more with ${option(limit)} if the server is that slow`);
}
