import { limitText } from './duration.ts';
import { FetchError, failureOf } from './errors.ts';
import type { Job } from './job.ts';
import { option } from './option-names.ts';
import { redirectOf } from './redirect.ts';
import { isRetriedStatus, retryAfterMs } from './retry.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

/** What an answer means for its request. */
export type NextStep =
  | { readonly kind: 'done'; readonly error: FetchError | null }
  | { readonly kind: 'redirect'; readonly target: Target }
  /** 429, 502-504: to be asked again, not before `waitMs`. */
  | { readonly kind: 'complaint'; readonly waitMs: number };

const GOOD: NextStep = { kind: 'done', error: null };

/** Reads off a job's answer how it goes on. */
export function nextStepOf(job: Job, { maxRedirects, maxRetryAfterMs }: Settings): NextStep {
  const { status, headers } = job.head!;
  try {
    const target = redirectOf(job, job.head!, maxRedirects);
    if (target !== null) return { kind: 'redirect', target };
  } catch (error) {
    return { kind: 'done', error: failureOf(error) };
  }
  if (!isRetriedStatus(status)) return GOOD;
  const waitMs = retryAfterMs(headers['retry-after']) ?? 0;
  if (waitMs > maxRetryAfterMs) return { kind: 'done', error: tooLongAway(status, waitMs, maxRetryAfterMs) };
  return { kind: 'complaint', waitMs };
}

function tooLongAway(status: number, waitMs: number, maxMs: number): FetchError {
  return new FetchError(
    'retry-after',
    `the server answered ${status} and asks to be left alone for ${Math.ceil(waitMs / 1000)} s, longer than the ${limitText(maxMs)} of ${option('maxRetryAfter')}`,
  );
}
