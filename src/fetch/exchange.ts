import type { Exchange } from '../trace/index.ts';
import type { FetchError } from './errors.ts';
import type { Job } from './job.ts';

/** What the records of a run tell of its exchanges: a trace's `sees`. */
export const RECORDED: readonly string[] = [
  'wanted',
  'called',
  'dispatched',
  'connected',
  'sent',
  'answered',
  'read',
  'connection',
  'connectionClosed',
];

/** A run's clock: microseconds since its start of a performance.now(); null for NaN. */
export interface RunClock {
  us(at: number): number | null;
}

/** The record of a job's last exchange. */
export function exchangeOf(id: number, job: Job, error: FetchError | null, clock: RunClock): Exchange {
  const record: Exchange = {
    kind: 'exchange',
    id,
    request: job.index,
    attempt: job.attempts,
    because: job.because,
    connection: job.connectionId < 0 ? null : job.connectionId,
    ordinal: job.ordinal < 0 ? null : job.ordinal,
    method: 'GET',
    origin: job.origin.target.origin,
    url: job.target.href,
    wantedUs: clock.us(job.wantedAt),
    calledUs: clock.us(job.wantedAt),
    dispatchedUs: clock.us(job.dispatchedAt),
    connectedUs: clock.us(job.connectedAt),
    sentUs: clock.us(job.sentAt),
    answeredUs: clock.us(job.answeredAt),
    readUs: error === null ? clock.us(job.readAt) : null,
    status: job.head === null ? null : job.head.status,
    bytesDown: job.wireBytes,
    error: error === null ? null : error.code,
  };
  return error === null ? record : { ...record, failedUs: clock.us(job.endedAt)! };
}
