import type { Connection, ConnectionClosed } from '../trace/index.ts';
import type { Clock } from './clock.ts';
import type { Attempt, Connect, Connected } from './connector.ts';
import { limitText } from './duration.ts';
import { FetchError } from './errors.ts';
import type { HttpConnection } from './http-connection.ts';
import type { Http2Events } from './http2/connection.ts';
import type { Job, Origin } from './job.ts';
import { option } from './option-names.ts';
import type { Dispatcher } from './scheduler.ts';
import type { Settings } from './settings.ts';

/** Requests wanted at once at one origin from which HTTP/2 pays: below, HTTP/1.1 costs half the CPU a request. */
const H2_FROM = 128;
/** Kept-alive connections without work are closed after this; servers close theirs after 5 s (Node) or more. */
const IDLE_MS = 4000;

/** Callbacks for events of connections. */
export interface ConnectionsOwner extends Http2Events<Job> {
  /** A connect failed; `job` waited for it. */
  connectFailed(origin: Origin, job: Job | undefined, error: FetchError, startedAt: number): void;
  /** A connection is open, or a server says how many requests it takes: more of the queue may be dispatched. */
  opened(origin: Origin): void;
  /** How many requests are wanted at once at this origin. */
  wantedAt(origin: Origin): number;
  /** The input has not ended. */
  readonly moreToCome: boolean;
  record(record: Connection | ConnectionClosed): void;
  /** Microseconds since the run's start of a performance.now(); null for NaN. */
  us(at: number): number | null;
}

/** The connections of a run: opened when they are needed, used again, closed when others need the room. */
export class Connections implements Dispatcher {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #connect: Connect;
  /** Open connections at most, those without work included. */
  readonly #most: number;
  readonly #owner: ConnectionsOwner;
  readonly #attempts = new Set<Attempt>();
  readonly #connections = new Map<HttpConnection<Job>, Origin>();
  /** How long a connect takes, in milliseconds, by the latest ones. */
  #openMs = Number.NaN;
  #ids = 0;

  constructor(settings: Settings, clock: Clock, connect: Connect, most: number, owner: ConnectionsOwner) {
    this.#settings = settings;
    this.#clock = clock;
    this.#connect = connect;
    this.#most = most;
    this.#owner = owner;
  }

  canTake({ origin }: Job): boolean {
    const { pool } = origin;
    return pool.next !== undefined || pool.waiting.length < pool.comingRoom || this.#mayOpen(origin);
  }

  dispatch(job: Job, now: number): void {
    const { origin } = job;
    const connection = origin.pool.next;
    if (connection !== undefined && !job.needsNewConnection) {
      this.#start(connection, job, now);
    } else {
      origin.pool.waiting.push(job);
      this.openFor(origin);
    }
  }

  /** Opens the connections that the waiting jobs of this origin need. */
  openFor(origin: Origin): void {
    const { pool } = origin;
    while (pool.waiting.length > pool.comingRoom && this.#mayOpen(origin)) this.#open(origin);
  }

  /** A connection may have room: jobs that wait for one go first. */
  offer(connection: HttpConnection<Job>, now: number): void {
    const origin = this.#connections.get(connection);
    if (origin === undefined || connection.room === 0) return;
    const { pool } = origin;
    pool.list(connection);
    while (pool.waiting.length > 0) {
      const next = pool.next;
      if (next === undefined) return;
      const { isNew } = next;
      const job = pool.waiting.shiftFirst(({ needsNewConnection }) => isNew || !needsNewConnection);
      if (job === undefined) {
        this.openFor(origin);
        return;
      }
      this.#start(next, job, now);
    }
  }

  /** How many requests an HTTP/2 server allows on one connection. */
  streamsKnown(connection: HttpConnection<Job>, streams: number): void {
    const origin = this.#connections.get(connection);
    if (origin === undefined) return;
    origin.pool.streams = streams;
    this.offer(connection, this.#clock.now());
    if (streams > 0) this.#owner.opened(origin);
    this.openFor(origin);
  }

  /** A connection is closed. */
  forget(connection: HttpConnection<Job>): void {
    const origin = this.#connections.get(connection);
    if (origin === undefined) return;
    this.#connections.delete(connection);
    origin.pool.forget(connection);
    this.#owner.record({
      kind: 'connectionClosed',
      id: connection.id,
      atUs: this.#owner.us(this.#clock.now())!,
    });
    this.openFor(origin);
  }

  /** Gives up a request wherever it is: it will be lost, with this error. */
  cancel(job: Job, error: FetchError): void {
    if (job.connection !== null) {
      job.connection.cancel(job, error);
      return;
    }
    job.origin.pool.waiting.take((waiting) => waiting === job);
    this.#owner.lost(job, error, false, this.#clock.now());
  }

  /** Ends connects whose time is over, and connections that are no longer needed. */
  sweep(now: number): void {
    for (const attempt of this.#attempts) attempt.expire(now);
    const { connectTimeoutMs } = this.#settings;
    for (const [connection, origin] of this.#connections) {
      if (origin.pool.waiting.length > 0) this.openFor(origin); // where none could be opened for a while
      const idleMs = now - connection.idleSince;
      if (origin.queue.jobs.length + origin.pool.waiting.length === 0) {
        if (idleMs > IDLE_MS) connection.destroy();
      } else if (connection.room === 0 && idleMs > connectTimeoutMs) this.#giveUpOn(connection, origin);
    }
  }

  close(): void {
    for (const attempt of this.#attempts) attempt.cancel();
    for (const connection of this.#connections.keys()) connection.destroy();
  }

  /** `connection`: the next one of the job's pool. */
  #start(connection: HttpConnection<Job>, job: Job, now: number): void {
    job.origin.pool.take(connection);
    job.connection = connection;
    job.needsNewConnection = false;
    connection.start(job, now);
  }

  #mayOpen(origin: Origin): boolean {
    const { pool, queue } = origin;
    if (pool.connecting >= queue.health.connects(this.#clock.now(), pool.connections)) return false;
    // The first connection tells which protocol it is, and how many requests it takes; where it takes none, no other will.
    if (pool.offersH2 === true && !pool.streams && pool.connecting + pool.connections > 0) return false;
    if (this.#comesTooLate(origin)) return false;
    return this.#connections.size + this.#attempts.size < this.#most || this.#closeUnused();
  }

  /** Whether the existing connections will serve most waiting jobs before a new one is open. */
  #comesTooLate({ pool, queue }: Origin): boolean {
    // What is queued is not all there is while the input has more.
    if (pool.connections === 0 || this.#owner.moreToCome) return false;
    if (pool.waiting.some(({ needsNewConnection }) => needsNewConnection)) return false;
    const each = (queue.jobs.length + pool.waiting.length) / (pool.connections + pool.connecting);
    return each * pool.serviceMs < 2 * this.#openMs;
  }

  #closeUnused(): boolean {
    for (const [connection, { queue }] of this.#connections) {
      if (Number.isNaN(connection.idleSince) || queue.jobs.length > 0) continue;
      connection.destroy();
      this.forget(connection);
      return true;
    }
    return false;
  }

  #open(origin: Origin): void {
    const { protocol } = this.#settings;
    const { pool } = origin;
    pool.offersH2 ??=
      origin.target.secure &&
      (protocol === 'h2' || (protocol === 'auto' && this.#owner.wantedAt(origin) >= H2_FROM));
    pool.connecting++;
    const startedAt = this.#clock.now();
    const attempt: Attempt = this.#connect(
      origin,
      () => ++this.#ids,
      this.#owner,
      (connected) => {
        this.#attempts.delete(attempt);
        this.#add(origin, connected, startedAt);
      },
      (error) => {
        this.#attempts.delete(attempt);
        pool.connecting--;
        this.#owner.connectFailed(origin, pool.waiting.shift(), error, startedAt);
        this.openFor(origin);
      },
    );
    this.#attempts.add(attempt);
    attempt.start();
  }

  #add(origin: Origin, connected: Connected, startedAt: number): void {
    const { connection, protocol, local, remote } = connected;
    const { pool } = origin;
    const us = (at: number) => this.#owner.us(at);
    this.#openMs = latest(this.#openMs, this.#clock.now() - startedAt);
    pool.connecting--;
    pool.connections++;
    if (protocol === 'http/1.1') {
      pool.streams = 1;
      pool.offersH2 = false;
    }
    this.#connections.set(connection, origin);
    this.#owner.record({
      kind: 'connection',
      id: connection.id,
      pid: process.pid,
      origin: origin.target.origin,
      local,
      remote,
      dnsFromUs: us(connected.dnsFrom),
      dnsToUs: us(connected.dnsTo),
      connectingUs: us(connected.connectingAt)!,
      connectedUs: us(connected.connectedAt),
      tlsStartUs: us(connected.tlsStartAt),
      tlsDoneUs: us(connected.tlsDoneAt),
      protocol,
    });
    this.offer(connection, this.#clock.now());
    if (connection.room > 0 || pool.streams !== 0) this.#owner.opened(origin);
    this.openFor(origin);
  }

  /** A server that allows no request on its connections for as long as a connect may take is one that can't be connected to. */
  #giveUpOn(connection: HttpConnection<Job>, origin: Origin): void {
    const startedAt = connection.idleSince;
    connection.destroy();
    this.forget(connection);
    this.#owner.connectFailed(origin, origin.pool.waiting.shift(), allowsNone(this.#settings), startedAt);
    this.openFor(origin);
  }
}

function allowsNone({ connectTimeoutMs }: Settings): FetchError {
  return new FetchError(
    'timeout-connect',
    `the server took the connection, but allowed no request on it for ${limitText(connectTimeoutMs)} (HTTP/2, MAX_CONCURRENT_STREAMS 0); try ${option('http1')}`,
  );
}

/** A running mean that follows its latest values: a new one counts for an eighth (as TCP's SRTT, RFC 6298). */
function latest(mean: number, value: number): number {
  return Number.isNaN(mean) ? value : mean + (value - mean) / 8;
}
