import type { Exchange } from '../trace/index.ts';
import type { Times } from './steps.ts';

/** An exchange that ended with an error. Times in microseconds. */
export interface Failure {
  readonly wantedUs: number;
  readonly endUs: number;
  /** From sent, or from wanted where it never was. */
  readonly lastedUs: number;
  /** How far it came: nothing but the name and the connection, the request, or a part of the answer. */
  readonly reached: 'wanted' | 'sent' | 'answered';
  readonly error: string;
  /** The URL, as the record has it: secrets may be in it. */
  readonly url: string;
  /** The program itself no longer waited for the answer. */
  readonly isStopped: boolean;
}

/** Errors by which a program ends its own wait: of tasks, of `AbortSignal`, of a socket that it closes itself. */
const STOPPED = /cancel|abort|GreenletExit|GeneratorExit|^closed\b/i;

/** The error of one that was under way when its process ended: a trace has none. */
export const CUT_OFF = 'under way when its process ended';

/** Undefined where it did not fail: also where the status was read, and the body was closed or left. */
export function failureOf(exchange: Exchange, times: Times): Failure | undefined {
  const { status, url, origin } = exchange;
  const error = errorOf(exchange, times);
  if (error === undefined) return undefined;
  const isStopped = error === CUT_OFF || STOPPED.test(error);
  if (isStopped && typeof status === 'number') return undefined;
  const reached = times.answered !== Infinity ? 'answered' : times.sent !== Infinity ? 'sent' : 'wanted';
  const fromUs = reached === 'wanted' ? times.wanted : times.sent;
  return {
    wantedUs: times.wanted,
    endUs: times.end,
    lastedUs: times.end - fromUs,
    reached,
    error,
    url: url ?? origin,
    isStopped,
  };
}

function errorOf({ error, failedUs, readUs, answeredUs, status }: Exchange, { answered }: Times) {
  if (typeof error === 'string') return error;
  if (failedUs !== undefined && answered === Infinity) return CUT_OFF;
  // It ended, and somebody looked for an answer and saw none: the program closed it.
  return typeof readUs === 'number' && answeredUs === null && typeof status !== 'number'
    ? 'closed'
    : undefined;
}
