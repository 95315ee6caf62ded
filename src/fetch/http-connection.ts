import type { Body } from './bodies/body.ts';
import type { FetchError } from './errors.ts';

/** A connection that carries requests: one at a time over HTTP/1.1, many over HTTP/2. */
export interface HttpConnection<Job> {
  readonly id: number;
  /** How many more requests it can take now; 0 once it is closed or closing. */
  readonly room: number;
  /** Since when it carries nothing, in milliseconds of performance.now(); NaN while it does. */
  readonly idleSince: number;
  /** It has carried nothing yet, or may be used again without doubt: what is sent on it does not die of its age. */
  readonly isNew: boolean;
  /** Whether it is among its origin's free connections. Maintained by the pool. */
  listed: boolean;
  /** Puts a request on the wire. */
  start(job: Job, now: number): void;
  /** Cancels a request: its time or the run is over. */
  cancel(job: Job, error: FetchError): void;
  /** Ends the connection. */
  destroy(): void;
}

/** Who hears of what a connection carries. Times are milliseconds of performance.now(). */
export interface ConnectionEvents<Job> {
  /** The request's first byte goes to the kernel. */
  sent(now: number): void;
  /** The whole answer is there: job.head is set. `connection.room` is already what it is without this job. The body is the listener's. */
  delivered(connection: HttpConnection<Job>, job: Job, body: Body, now: number): void;
  /** No answer. `unheard`: it died unprocessed, as on a kept-alive connection that the server closed (RFC 9112 §9.3.1). */
  lost(job: Job, error: FetchError, unheard: boolean, now: number): void;
  /** It learned how many it can carry, or has room again without having delivered. */
  roomier(connection: HttpConnection<Job>): void;
  closed(connection: HttpConnection<Job>): void;
}
