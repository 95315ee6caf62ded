import { Fifo } from './fifo.ts';
import type { HttpConnection } from './http-connection.ts';

/** The connections to one origin, and the jobs that wait for one. */
export class Pool<Job> {
  /** Dispatched, and waiting for a connection. */
  readonly waiting = new Fifo<Job>();
  /** Connections being opened. */
  connecting = 0;
  /** Open connections. */
  connections = 0;
  /** HTTP/2 is offered; null until the first connection is opened. */
  offersH2: boolean | null = null;
  /** Requests that one connection carries at once; null until it is known. */
  streams: number | null = null;
  /** The least that a request took from being sent to being read, in milliseconds: more may be our own doing. */
  serviceMs = Number.POSITIVE_INFINITY;
  /** Connections that have room, the one used last at the end: it is the least likely to have been closed. */
  readonly #free: HttpConnection<Job>[] = [];

  /** The connection that a request would use; undefined if no open one has room. */
  get next(): HttpConnection<Job> | undefined {
    const free = this.#free;
    // Closed and closing connections have none.
    while (free.length > 0 && free[free.length - 1]!.room === 0) free.pop()!.listed = false;
    return free[free.length - 1];
  }

  /** How many waiting jobs will find room on connections that are being opened. */
  get comingRoom(): number {
    if (this.offersH2 !== true) return this.connecting;
    if (this.streams) return this.connecting * this.streams;
    return this.connecting + this.connections > 0 ? Number.POSITIVE_INFINITY : 0;
  }

  /** A connection has room. */
  list(connection: HttpConnection<Job>): void {
    if (connection.listed) return;
    connection.listed = true;
    this.#free.push(connection);
  }

  /** One more request goes on the next connection. */
  take(connection: HttpConnection<Job>): void {
    if (connection.room > 1) return;
    this.#free.pop();
    connection.listed = false;
  }

  /** A connection is closed. */
  forget(connection: HttpConnection<Job>): void {
    this.connections--;
    if (connection.listed) this.#free.splice(this.#free.indexOf(connection), 1);
    connection.listed = false;
  }
}
