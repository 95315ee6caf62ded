import type { Connection, ConnectionClosed } from '../trace/index.ts';
import type { Carrier } from './carrier.ts';
import type { FetchError } from './errors.ts';
import { Http1Connection } from './http1/connection.ts';
import type { Http2Shipper } from './http2/connection.ts';
import type { Job } from './job.ts';
import { type Opened, Opening, type Road } from './open/opening.ts';
import type { Origin } from './queue/origin.ts';
import type { Dispatcher } from './queue/scheduler.ts';

/** Requests wanted at once at one origin from which HTTP/2 pays: below, HTTP/1.1 costs half the CPU a request. */
const H2_FROM = 128;
/** Kept-alive connections without work are closed after this; servers close theirs after 5 s (Node) or more. */
const IDLE_MS = 4000;

/** Who hears of connections, beside what they carry. */
export interface ConnectionsOwner extends Http2Shipper {
  /** An opening failed; `job` had waited for it. */
  unopened(origin: Origin, job: Job | undefined, error: FetchError, startedAt: number): void;
  /** An opening ended well: more of the origin's queue may go. */
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
  readonly #road: Road;
  /** Open connections at most, those without work included. */
  readonly #most: number;
  readonly #owner: ConnectionsOwner;
  readonly #openings = new Set<Opening>();
  readonly #carriers = new Map<Carrier, Origin>();
  /** What an opening takes, in milliseconds, by the latest ones. */
  #openMs = Number.NaN;
  #ids = 0;
  #http2: Promise<typeof import('./http2/connection.ts')> | null = null;

  constructor(road: Road, most: number, owner: ConnectionsOwner) {
    this.#road = road;
    this.#most = most;
    this.#owner = owner;
  }

  canTake(origin: Origin): boolean {
    return hasRoom(origin) || origin.waiting.length < comingRoom(origin) || this.#mayOpen(origin);
  }

  dispatch(job: Job, now: number): void {
    const origin = job.origin;
    if (hasRoom(origin)) {
      this.#start(origin, job, now);
    } else {
      origin.waiting.push(job);
      this.openFor(origin);
    }
  }

  /** Opens what those who wait at this origin need. */
  openFor(origin: Origin): void {
    while (origin.waiting.length > comingRoom(origin) && this.#mayOpen(origin)) this.#open(origin);
  }

  /** A carrier may have room: those who wait for one go first. */
  offer(carrier: Carrier, now: number): void {
    const origin = this.#carriers.get(carrier);
    if (origin === undefined || carrier.room === 0) return;
    if (!carrier.listed) {
      carrier.listed = true;
      origin.free.push(carrier);
    }
    while (origin.waiting.length > 0 && hasRoom(origin)) this.#start(origin, origin.waiting.shift()!, now);
  }

  /** How many requests an HTTP/2 server allows on one connection. */
  streamsKnown(carrier: Carrier, streams: number): void {
    const origin = this.#carriers.get(carrier);
    if (origin === undefined) return;
    origin.streams = streams;
    this.offer(carrier, performance.now());
    this.openFor(origin);
  }

  /** A carrier is closed. */
  forget(carrier: Carrier): void {
    const origin = this.#carriers.get(carrier);
    if (origin === undefined) return;
    this.#carriers.delete(carrier);
    origin.carriers--;
    if (carrier.listed) origin.free.splice(origin.free.indexOf(carrier), 1);
    carrier.listed = false;
    this.#owner.record({
      kind: 'connectionClosed',
      id: carrier.id,
      atUs: this.#owner.us(performance.now())!,
    });
    this.openFor(origin);
  }

  /** Gives up a request wherever it is: it will be lost, with this error. */
  cancel(job: Job, error: FetchError): void {
    if (job.carrier !== null) {
      job.carrier.cancel(job, error);
      return;
    }
    job.origin.waiting.take((waiting) => waiting === job);
    this.#owner.lost(job, error, false, performance.now());
  }

  /** Ends openings whose time is over, and connections that nobody needs. */
  sweep(now: number): void {
    for (const opening of this.#openings) opening.expire(now);
    for (const [carrier, origin] of this.#carriers)
      if (now - carrier.idleSince > IDLE_MS && origin.queue.length === 0) carrier.destroy();
  }

  close(): void {
    for (const opening of this.#openings) opening.cancel();
    for (const carrier of this.#carriers.keys()) carrier.destroy();
  }

  #start(origin: Origin, job: Job, now: number): void {
    const carrier = origin.free[origin.free.length - 1]!;
    if (carrier.room === 1) {
      origin.free.pop();
      carrier.listed = false;
    }
    job.carrier = carrier;
    carrier.start(job, now);
  }

  #mayOpen(origin: Origin): boolean {
    if (origin.opening >= origin.health.openings) return false;
    // The first connection tells which protocol it is, and how many requests it takes.
    if (origin.offersH2 === true && origin.streams === null && origin.opening + origin.carriers > 0)
      return false;
    if (this.#comesTooLate(origin)) return false;
    return this.#carriers.size + this.#openings.size < this.#most || this.#closeUnused();
  }

  /** Whether those who wait will mostly have been served by the connections there are before a new one stands. */
  #comesTooLate(origin: Origin): boolean {
    // What is queued is not all there is while the input has more.
    if (origin.carriers === 0 || this.#owner.moreToCome) return false;
    const each = (origin.queue.length + origin.waiting.length) / (origin.carriers + origin.opening);
    return each * origin.serviceMs < 2 * this.#openMs;
  }

  #closeUnused(): boolean {
    for (const [carrier, origin] of this.#carriers) {
      if (Number.isNaN(carrier.idleSince) || origin.queue.length > 0) continue;
      carrier.destroy();
      this.forget(carrier);
      return true;
    }
    return false;
  }

  #open(origin: Origin): void {
    const { protocol } = this.#road.settings;
    origin.offersH2 ??=
      origin.target.secure &&
      (protocol === 'h2' || (protocol === 'auto' && this.#owner.wantedAt(origin) >= H2_FROM));
    if (origin.offersH2) this.#http2 ??= import('./http2/connection.ts');
    origin.opening++;
    const opening: Opening = new Opening(
      this.#road,
      origin.target,
      origin.offersH2,
      (opened) => {
        this.#openings.delete(opening);
        if (opened.protocol === 'h2') this.#http2!.then((http2) => this.#addHttp2(http2, origin, opened));
        else this.#addHttp1(origin, opened);
      },
      (error) => {
        this.#openings.delete(opening);
        origin.opening--;
        this.#owner.unopened(origin, origin.waiting.shift(), error, opening.times.startedAt);
        this.openFor(origin);
      },
    );
    this.#openings.add(opening);
    opening.start();
  }

  #addHttp1(origin: Origin, opened: Opened): void {
    const carrier = new Http1Connection(++this.#ids, opened.socket, origin, this.#road.bodyRoom, this.#owner);
    opened.receive((chunk) => carrier.receive(chunk));
    origin.streams = 1;
    origin.offersH2 = false;
    this.#add(origin, carrier, opened);
  }

  #addHttp2(http2: typeof import('./http2/connection.ts'), origin: Origin, opened: Opened): void {
    const carrier = new http2.Http2Connection(
      ++this.#ids,
      opened.socket,
      origin,
      this.#road.bodyRoom,
      this.#owner,
    );
    this.#add(origin, carrier, opened);
  }

  #add(origin: Origin, carrier: Carrier, opened: Opened): void {
    const { socket, protocol, times } = opened;
    this.#openMs = latest(this.#openMs, performance.now() - times.startedAt);
    origin.opening--;
    origin.carriers++;
    this.#carriers.set(carrier, origin);
    this.#owner.record({
      kind: 'connection',
      id: carrier.id,
      pid: process.pid,
      origin: origin.key,
      local: `${socket.localAddress}:${socket.localPort}`,
      remote: `${socket.remoteAddress}:${socket.remotePort}`,
      dnsFromUs: this.#owner.us(times.dnsFrom),
      dnsToUs: this.#owner.us(times.dnsTo),
      connectingUs: this.#owner.us(times.connectingAt)!,
      connectedUs: this.#owner.us(times.connectedAt),
      tlsStartUs: this.#owner.us(times.tlsStartAt),
      tlsDoneUs: this.#owner.us(times.tlsDoneAt),
      protocol,
    });
    this.offer(carrier, performance.now());
    this.#owner.opened(origin);
    this.openFor(origin);
  }
}

/** Whether a request finds room on a connection that stands; those that closed or are closing have none. */
function hasRoom(origin: Origin): boolean {
  const { free } = origin;
  while (free.length > 0 && free[free.length - 1]!.room === 0) free.pop()!.listed = false;
  return free.length > 0;
}

/** How many of those who wait will find room on connections that are being opened. */
function comingRoom(origin: Origin): number {
  if (origin.offersH2 !== true) return origin.opening;
  if (origin.streams !== null) return origin.opening * origin.streams;
  return origin.opening + origin.carriers > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** A running mean that follows its latest values: a new one counts for an eighth (as TCP's SRTT, RFC 6298). */
function latest(mean: number, value: number): number {
  return Number.isNaN(mean) ? value : mean + (value - mean) / 8;
}
