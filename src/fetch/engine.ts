import type { Connection, ConnectionClosed } from '../trace/index.ts';
import type { Body } from './bodies/body.ts';
import type { Clock } from './clock.ts';
import { Connections, type ConnectionsOwner } from './connections.ts';
import { Course, type CourseOwner } from './course.ts';
import type { FetchError } from './errors.ts';
import { exchangeOf } from './exchange.ts';
import { runHeaders } from './headers.ts';
import type { HttpConnection } from './http-connection.ts';
import type { Job, Origin } from './job.ts';
import { Origins } from './origins.ts';
import { overdue } from './overdue.ts';
import { PROBE_AFTER_MS } from './queue/adapt.ts';
import type { ConcurrencyMeter } from './queue/concurrency-meter.ts';
import type { OriginQueue } from './queue/origin-queue.ts';
import type { LiveLimits, OriginState } from './run.ts';
import { type Dispatcher, Scheduler } from './scheduler.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import type { Network, World } from './world.ts';

/** Who hears of the engine's work. */
export interface EngineOwner extends CourseOwner {
  /** `job`: whose exchange it is. */
  record(record: Connection | ConnectionClosed | ReturnType<typeof exchangeOf>, job?: Job): void;
  /** Somebody takes records. */
  readonly recording: boolean;
  /** The input has not ended. */
  readonly moreToCome: boolean;
  note(text: string): void;
}

/** What of a run's limits can be changed while it runs. */
type Limits = Omit<LiveLimits, 'concurrency'> & { readonly slots: number };

/**
 * Takes jobs through their exchanges: queued, dispatched, answered; then redirected, tried again, or done. Times are
 * milliseconds of performance.now().
 */
export class Engine implements ConnectionsOwner, Dispatcher {
  readonly scheduler: Scheduler;
  readonly #settings: Settings;
  readonly #owner: EngineOwner;
  readonly #startedAt: number;
  readonly #clock: Clock;
  readonly #meter: ConcurrencyMeter;
  readonly #connections: Connections;
  readonly #origins: Origins;
  readonly #course: Course;
  #exchanges = 0;
  /** The system's limit on open files was met. */
  #shrunk = false;

  /** `most`: connections open at once, those without work included. */
  constructor(
    settings: Settings,
    world: World,
    { connect, proxies }: Network,
    meter: ConcurrencyMeter,
    most: number,
    startedAt: number,
    owner: EngineOwner,
  ) {
    const { clock } = world;
    this.#settings = settings;
    this.#clock = clock;
    this.#meter = meter;
    this.#startedAt = startedAt;
    this.#owner = owner;
    const headers = runHeaders(settings.userAgent, settings.headers);
    this.#origins = new Origins(settings, headers, proxies);
    this.#connections = new Connections(settings, clock, connect, most, this);
    this.scheduler = new Scheduler(settings, clock, meter, this, startedAt);
    const originOf = (target: Target) => this.originOf(target);
    this.#course = new Course(settings, world, meter, this.scheduler, originOf, owner);
  }

  /** Exchanges under way, and answers that are being decoded. */
  get flying(): number {
    return this.#course.underWay;
  }

  /** What is known of the origin of a URL. */
  originOf(target: Target): Origin {
    return this.#origins.of(target);
  }

  /** Queues a new job; a next page comes before jobs that have not begun. */
  add(job: Job, now: number): void {
    this.#meter.advance(now);
    this.#meter.available++;
    this.#course.enqueue(job, job.because === 'page', now);
  }

  /** Other limits than before; one that is left out stays. */
  relimit({ slots, ratePerS, perOrigin, perOriginRatePerS }: Limits, now: number): void {
    if (!this.#shrunk) this.scheduler.resize(slots, now);
    if (ratePerS !== undefined) this.scheduler.repace(ratePerS);
    for (const { queue } of this.#origins.relimit(perOrigin, perOriginRatePerS))
      this.scheduler.review(queue, now);
    this.scheduler.pump(now);
  }

  origins(now: number): readonly OriginState[] {
    return this.#origins.states(now);
  }

  /** Another process that sends to an origin was asked to wait. */
  pause(name: string, ms: number, now: number): void {
    if (!this.#settings.adapt) return;
    const origin = this.#origins.paused(name, now + ms);
    if (origin !== undefined) this.scheduler.pause(origin.queue, now + ms, now);
  }

  /** Gives up what is under way. */
  abort(error: FetchError): void {
    for (const job of this.#course.flying) this.#connections.cancel(job, error);
  }

  /** Looks at the time limits. */
  sweep(now: number): void {
    this.#connections.sweep(now);
    for (const job of this.#course.flying) {
      const error = overdue(job, now, this.#settings);
      if (error !== null) this.#connections.cancel(job, error);
    }
  }

  close(): void {
    this.scheduler.close();
    this.#connections.close();
  }

  // What the scheduler asks.

  canTake(job: Job): boolean {
    return this.#connections.canTake(job);
  }

  dispatch(job: Job, now: number): void {
    this.#course.flying.add(job);
    this.#connections.dispatch(job, now);
  }

  // What connections say.

  sent(now: number): void {
    this.#meter.advance(now);
    this.#meter.sent();
  }

  delivered(connection: HttpConnection<Job>, job: Job, body: Body, now: number): void {
    this.#meter.advance(now);
    this.#meter.inFlight--;
    const { queue, pool } = job.origin;
    queue.sentSinceAnswer = 0;
    queue.health.answered(now);
    pool.serviceMs = Math.min(pool.serviceMs, now - job.sentAt);
    this.#close(job, null, now);
    this.#connections.offer(connection, now);
    this.#course.answered(job, body, now);
  }

  lost(job: Job, error: FetchError, unheard: boolean, now: number): void {
    this.#meter.advance(now);
    if (!Number.isNaN(job.sentAt)) this.#meter.inFlight--;
    this.#close(job, error, now);
    this.#course.failed(job, error, unheard, now);
  }

  roomier(connection: HttpConnection<Job>): void {
    const now = this.#clock.now();
    this.#connections.offer(connection, now);
    this.scheduler.pump(now);
  }

  streamsKnown(connection: HttpConnection<Job>, streams: number): void {
    this.#connections.streamsKnown(connection, streams);
  }

  closed(connection: HttpConnection<Job>): void {
    this.#connections.forget(connection);
    this.scheduler.pump(this.#clock.now());
  }

  opened({ queue }: Origin): void {
    const now = this.#clock.now();
    queue.health.connected();
    this.scheduler.review(queue, now);
    this.scheduler.pump(now);
  }

  connectFailed({ queue, pool }: Origin, job: Job | undefined, error: FetchError, startedAt: number): void {
    const now = this.#clock.now();
    const outOfFiles = isOutOfFiles(error);
    if (outOfFiles && this.#meter.busy > 1) {
      this.#shrink(job, now);
      return;
    }
    if (this.#settings.adapt && !isOfName(error) && !outOfFiles)
      this.#doubt(queue, startedAt, now, pool.connections);
    const left = queue.health.state === 'down' ? this.scheduler.drain(queue, now) : [];
    if (job !== undefined) this.lost(job, error, false, now);
    if (queue.health.state !== 'up')
      for (const waiting of pool.waiting.take(() => true).reverse()) this.#course.takeBack(waiting, now);
    for (const queued of left) this.#course.giveUpOn(queued, error, now);
    this.scheduler.review(queue, now);
    this.scheduler.pump(now);
  }

  wantedAt({ queue }: Origin): number {
    return Math.min(queue.most, this.#meter.slots, queue.wanted);
  }

  get moreToCome(): boolean {
    return this.#owner.moreToCome;
  }

  record(record: Connection | ConnectionClosed): void {
    this.#owner.record(record);
  }

  us(at: number): number | null {
    return Number.isNaN(at) ? null : Math.max(0, Math.round((at - this.#startedAt) * 1000));
  }

  /** One exchange has ended. */
  #close(job: Job, error: FetchError | null, now: number): void {
    job.endedAt = now;
    job.connection = null;
    if (!Number.isNaN(job.connectedAt)) job.connectMs += job.connectedAt - job.dispatchedAt;
    if (this.#owner.recording) this.#owner.record(exchangeOf(this.#exchanges++, job, error, this), job);
  }

  // Origins in trouble, limits of the system.

  /** A connect failed: after too many in a row the origin is left alone until one probe has decided. */
  #doubt(queue: OriginQueue<Job>, startedAt: number, now: number, connections: number): void {
    const before = queue.health.state;
    queue.health.failed(startedAt, now, connections);
    if (before === 'up' && queue.health.state === 'probing')
      this.scheduler.pause(queue, now + PROBE_AFTER_MS, now);
  }

  #shrink(job: Job | undefined, now: number): void {
    const slots = this.#meter.busy - 1;
    if (slots < this.#meter.slots) {
      if (!this.#shrunk)
        this.#owner.note(
          'the system allows no more open files: fewer in flight than asked; raise it with ulimit -n',
        );
      this.#shrunk = true;
      this.scheduler.resize(slots, now);
    }
    if (job !== undefined) this.#course.takeBack(job, now);
  }
}

/** Whether no connect was attempted, so that the error says nothing about the origin. */
function isOfName({ code }: FetchError): boolean {
  return code === 'dns' || code === 'blocked-address';
}

function isOutOfFiles(error: FetchError): boolean {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'EMFILE' || code === 'ENFILE';
}
