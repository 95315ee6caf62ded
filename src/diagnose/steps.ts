import type { Exchange } from '../trace/index.ts';

/** The steps of an exchange, at each of which it may have been delayed: docs/verdict.md. */
export type Step = 'wanted' | 'dispatched' | 'connected' | 'sent' | 'answered' | 'read';

/**
 * When an exchange passed its steps, in microseconds, each at or after the one before it. Infinity: it never did.
 * A step that no recorder saw has the time of the next one that was seen.
 */
export interface Times {
  readonly wanted: number;
  readonly dispatched: number;
  readonly connected: number;
  readonly sent: number;
  readonly answered: number;
  /** When it was read or given up; Infinity while it is open. */
  readonly end: number;
}

/** The times of an exchange; undefined when none of them is known. */
export function timesOf(exchange: Exchange): Times | undefined {
  const end = exchange.readUs ?? exchange.failedUs ?? (exchange.error ? lastOf(exchange) : Infinity);
  const answered =
    exchange.answeredUs ?? (exchange.answeredUs === undefined ? (exchange.readUs ?? Infinity) : Infinity);
  const sent = earlier(exchange.sentUs, answered);
  const connected = earlier(exchange.connectedUs, sent);
  const dispatched = earlier(exchange.dispatchedUs, connected);
  const wanted = earlier(exchange.wantedUs, earlier(exchange.calledUs, dispatched));
  return wanted === Infinity ? undefined : inOrder({ wanted, dispatched, connected, sent, answered, end });
}

/** When an exchange was wanted, in microseconds; Infinity where none of its times is known. */
export function wantedUs(exchange: Exchange): number {
  return timesOf(exchange)?.wanted ?? Infinity;
}

/** When an exchange was read or given up, in microseconds; Infinity while it is open. */
export function endUs(exchange: Exchange): number {
  return timesOf(exchange)?.end ?? Infinity;
}

/** What failed at a time that nobody saw is not under way beyond its last step. */
function lastOf({ answeredUs, sentUs, connectedUs, dispatchedUs, calledUs, wantedUs }: Exchange): number {
  return answeredUs ?? sentUs ?? connectedUs ?? dispatchedUs ?? calledUs ?? wantedUs ?? Infinity;
}

/** Not seen (absent): with the next step. Seen, and it did not happen (null): never. */
function earlier(time: number | null | undefined, next: number): number {
  if (time === undefined) return next;
  return time === null ? Infinity : time;
}

/** Clocks of several recorders differ by a little: a step never counts before the one that must precede it. */
function inOrder(times: Times): Times {
  const { wanted } = times;
  const dispatched = Math.max(wanted, times.dispatched);
  const connected = Math.max(dispatched, times.connected);
  const sent = Math.max(connected, times.sent);
  const answered = Math.max(sent, times.answered);
  let end = Math.max(wanted, times.end);
  for (const time of [dispatched, connected, sent, answered]) if (time < Infinity && time > end) end = time;
  return { wanted, dispatched, connected, sent, answered, end };
}

/** How long an exchange waited for each step: they add up to its end - wanted. In microseconds. */
export type Waits = Readonly<Record<Exclude<Step, 'wanted'>, number>>;

/**
 * What an exchange waited for: `dispatched` is the wait from wanted to dispatched, and so on; `read` ends when it
 * was read or given up. `endedUs` is the end of one that is still open.
 */
export function waitsOf(times: Times, endedUs: number): Waits {
  const end = times.end === Infinity ? Math.max(endedUs, times.wanted) : times.end;
  const at = (time: number) => Math.min(time, end);
  return {
    dispatched: at(times.dispatched) - times.wanted,
    connected: at(times.connected) - at(times.dispatched),
    sent: at(times.sent) - at(times.connected),
    answered: at(times.answered) - at(times.sent),
    read: end - at(times.answered),
  };
}
