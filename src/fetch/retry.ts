import type { ErrorCode, FetchError } from './errors.ts';
import { mayResolveLater } from './names/index.ts';

/**
 * Errors that another attempt may fix. Timeouts after the connection was made are not among them: a server that is
 * too slow is not helped by being asked again. A name that does not exist is not asked for again either.
 */
const RETRIED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'dns',
  'connect-refused',
  'connect-unreachable',
  'connect-failed',
  'timeout-connect',
  'reset',
  'body-truncated',
  'protocol',
]);

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;

/** The first retries of a run, this many, are free, so that a short run can recover by itself. */
const FREE_RETRIES = 100;
/** After those, one retry for every five requests: enough for a bad hour, too little to double an outage's load. */
const REQUESTS_A_RETRY = 5;

/** Whether an error may be tried again (RFC 9110 §9.2.2: GET is idempotent). */
export function isRetried(error: FetchError): boolean {
  return RETRIED.has(error.code) && (error.code !== 'dns' || mayResolveLater(error));
}

/** Whether a status asks for another attempt: too many requests, and the three of a gateway in trouble. */
export function isRetriedStatus(status: number): boolean {
  return status === 429 || (status >= 502 && status <= 504);
}

/** Milliseconds before attempt number `attempt` + 1: exponential, with full jitter. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
}

/** Milliseconds that Retry-After asks for (RFC 9110 §10.2.3: seconds, or a date); null when it says nothing. */
export function retryAfterMs(value: string | undefined, nowMs: number = Date.now()): number | null {
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** How many retries a run may still make. */
export class RetryBudget {
  #spent = 0;

  /** Spends one, when there is one to spend. `requests`: how many URLs the run has begun with. */
  spend(requests: number): boolean {
    if (this.#spent >= FREE_RETRIES + requests / REQUESTS_A_RETRY) return false;
    this.#spent++;
    return true;
  }
}
