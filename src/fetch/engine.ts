import type { Connection, ConnectionClosed } from '../trace/index.ts';
import type { Body } from './bodies/body.ts';
import { decode } from './bodies/decode.ts';
import type { Carrier } from './carrier.ts';
import type { Clock } from './clock.ts';
import { Connections, type ConnectionsOwner } from './connections.ts';
import { FetchError } from './errors.ts';
import { exchangeOf } from './exchange.ts';
import { fateOf } from './fate.ts';
import type { Job } from './job.ts';
import { overdue } from './overdue.ts';
import { PROBE_AFTER_MS } from './queue/adapt.ts';
import type { Origin } from './queue/origin.ts';
import { Origins } from './queue/origins.ts';
import { BACK_OFF, type Ledger } from './queue/proof.ts';
import { type Dispatcher, Scheduler } from './queue/scheduler.ts';
import { runHeaders } from './request.ts';
import { backoffMs, isRetried, isRetriedStatus, RetryBudget } from './retry.ts';
import type { LiveLimits } from './run.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import type { Network, World } from './world.ts';

/** A kept-alive connection that died unheard costs the next request nothing, this often. */
const FREE_RETRIES = 3;

/** Who gets what jobs come to. */
export interface EngineOwner {
  /**
   * A job's last exchange was its last: with a decoded answer, an error, or both. The body is the owner's. `thrown`: a
   * FetchError, or the fault of the program that ends the run; null for neither.
   */
  came(job: Job, body: Body | null, thrown: unknown): void;
  /** `job`: whose exchange it is. */
  record(record: Connection | ConnectionClosed | ReturnType<typeof exchangeOf>, job?: Job): void;
  /** Somebody takes records. */
  readonly recording: boolean;
  /** The input has not ended. */
  readonly moreToCome: boolean;
  note(text: string): void;
  /** Nothing is under way for now. */
  landed(): void;
  /** How many inputs were taken so far: the retry budget grows with them. */
  readonly taken: number;
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
  readonly #random: () => number;
  readonly #ledger: Ledger;
  readonly #connections: Connections;
  readonly #budget = new RetryBudget();
  readonly #origins: Origins;
  /** Dispatched and not done. */
  readonly #flying = new Set<Job>();
  #exchanges = 0;
  /** The system's limit on open files was met. */
  #shrunk = false;

  /** `most`: connections open at once, those without work included. */
  constructor(
    settings: Settings,
    { clock, random }: World,
    { connect, proxies }: Network,
    ledger: Ledger,
    most: number,
    startedAt: number,
    owner: EngineOwner,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#ledger = ledger;
    this.#startedAt = startedAt;
    this.#owner = owner;
    const headers = runHeaders(settings.userAgent, settings.headers);
    this.#origins = new Origins(settings, headers, proxies);
    this.#connections = new Connections(settings, clock, connect, most, this);
    this.scheduler = new Scheduler(settings, clock, ledger, this, startedAt);
  }

  /** Exchanges under way, and answers that are being decoded. */
  get flying(): number {
    return this.#flying.size + this.#ledger.decoding;
  }

  /** What is known of the origin of a URL. */
  originOf(target: Target): Origin {
    return this.#origins.of(target);
  }

  /** A new job waits for its turn; a next page before those that were not begun. */
  add(job: Job, now: number): void {
    this.#ledger.advance(now);
    this.#ledger.available++;
    this.#enqueue(job, job.because === 'page', now);
  }

  /** Other limits than before; one that is left out stays. */
  relimit({ slots, ratePerS, perOrigin, perOriginRatePerS }: Limits, now: number): void {
    if (!this.#shrunk) this.scheduler.resize(slots, now);
    if (ratePerS !== undefined) this.scheduler.repace(ratePerS);
    for (const origin of this.#origins.relimit(perOrigin, perOriginRatePerS))
      this.scheduler.review(origin, now);
    this.scheduler.pump(now);
  }

  /** Gives up what is under way. */
  abort(error: FetchError): void {
    for (const job of this.#flying) this.#connections.cancel(job, error);
  }

  /** Looks at the time limits. */
  sweep(now: number): void {
    this.#connections.sweep(now);
    for (const job of this.#flying) {
      const error = overdue(job, now, this.#settings);
      if (error !== null) this.#connections.cancel(job, error);
    }
  }

  close(): void {
    this.scheduler.close();
    this.#connections.close();
  }

  // What the scheduler asks.

  canTake(origin: Origin): boolean {
    return this.#connections.canTake(origin);
  }

  dispatch(job: Job, now: number): void {
    this.#flying.add(job);
    this.#connections.dispatch(job, now);
  }

  // What connections say.

  sent(now: number): void {
    this.#ledger.advance(now);
    this.#ledger.sent();
  }

  delivered(carrier: Carrier, job: Job, body: Body, now: number): void {
    this.#ledger.advance(now);
    this.#ledger.inFlight--;
    job.origin.sentSinceAnswer = 0;
    job.origin.serviceMs = Math.min(job.origin.serviceMs, now - job.sentAt);
    this.#close(job, null, now);
    this.#connections.offer(carrier, now);
    this.#afterAnswer(job, body, now);
  }

  lost(job: Job, error: FetchError, unheard: boolean, now: number): void {
    this.#ledger.advance(now);
    if (!Number.isNaN(job.sentAt)) this.#ledger.inFlight--;
    this.#close(job, error, now);
    if (unheard && job.freeRetries < FREE_RETRIES) {
      job.freeRetries++;
      job.needsNewConnection = job.origin.offersH2 !== true;
      this.#leave(job, now);
      this.#again(job, 'retry', job.first, now);
    } else this.#afterError(job, error, now);
  }

  roomier(carrier: Carrier): void {
    const now = this.#clock.now();
    this.#connections.offer(carrier, now);
    this.scheduler.pump(now);
  }

  streamsKnown(carrier: Carrier, streams: number): void {
    this.#connections.streamsKnown(carrier, streams);
    this.scheduler.pump(this.#clock.now());
  }

  closed(carrier: Carrier): void {
    this.#connections.forget(carrier);
    this.scheduler.pump(this.#clock.now());
  }

  opened(origin: Origin): void {
    const now = this.#clock.now();
    origin.health.connected();
    this.scheduler.review(origin, now);
    this.scheduler.pump(now);
  }

  unopened(origin: Origin, job: Job | undefined, error: FetchError, startedAt: number): void {
    const now = this.#clock.now();
    const outOfFiles = isOutOfFiles(error);
    if (outOfFiles && this.#ledger.busy > 1) {
      this.#shrink(job, now);
      return;
    }
    if (this.#settings.adapt && !isOfName(error) && !outOfFiles) this.#doubt(origin, startedAt, now);
    const left = origin.health.state === 'down' ? this.scheduler.drain(origin, now) : [];
    if (job !== undefined) this.lost(job, error, false, now);
    if (origin.health.state !== 'up')
      for (const waiting of origin.waiting.take(() => true).reverse()) this.#takeBack(waiting, now);
    for (const queued of left) this.#giveUpOn(queued, error, now);
    this.scheduler.review(origin, now);
    this.scheduler.pump(now);
  }

  wantedAt(origin: Origin): number {
    return Math.min(origin.most, this.#ledger.slots, origin.queue.length + origin.active);
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

  // What becomes of a job.

  /** One exchange has ended. */
  #close(job: Job, error: FetchError | null, now: number): void {
    job.endedAt = now;
    job.carrier = null;
    if (!Number.isNaN(job.connectedAt)) job.connectMs += job.connectedAt - job.dispatchedAt;
    if (this.#owner.recording) this.#owner.record(exchangeOf(this.#exchanges++, job, error, this), job);
  }

  #afterAnswer(job: Job, body: Body, now: number): void {
    const fate = fateOf(job, this.#settings);
    if (isRetriedStatus(job.head!.status)) this.#spare(job, now);
    else job.origin.limit.goodAnswer(Math.min(job.origin.most, this.#ledger.slots));
    if (fate.kind === 'redirect') {
      body.release();
      this.#leave(job, now);
      job.trail = [...job.trail, job.target.href];
      this.#again(job, 'redirect', fate.target, now);
    } else if (fate.kind === 'done') this.#finish(job, body, fate.error, now);
    else this.#afterComplaint(job, body, fate.waitMs, now);
  }

  #afterComplaint(job: Job, body: Body, waitMs: number, now: number): void {
    if (this.#settings.adapt && waitMs > 0) this.scheduler.pause(job.origin, now + waitMs, now);
    if (this.#mayRetry(job)) {
      body.release();
      this.#later(job, waitMs, now);
    } else this.#finish(job, body, null, now);
  }

  /** The origin has too much to do: it gets less at once. */
  #spare({ origin, sentAt }: Job, now: number): void {
    if (this.#settings.adapt) origin.limit.complaint(sentAt, now, origin.active);
  }

  #afterError(job: Job, error: FetchError, now: number): void {
    if (isRetried(error) && job.origin.health.state !== 'down' && this.#mayRetry(job))
      this.#later(job, 0, now);
    else this.#end(job, null, error, now);
  }

  #mayRetry(job: Job): boolean {
    return job.attempts - job.freeRetries <= this.#settings.retries && this.#budget.spend(this.#owner.taken);
  }

  /** To be tried again after a back-off, during which it holds no slot. */
  #later(job: Job, waitMs: number, now: number): void {
    this.#leave(job, now);
    this.#ledger.blocked[BACK_OFF]!++;
    const again = () => {
      const now = this.#clock.now();
      this.#ledger.advance(now);
      this.#ledger.blocked[BACK_OFF]!--;
      this.#again(job, 'retry', job.first, now);
    };
    this.#clock.after(waitMs + backoffMs(job.attempts, this.#random), again).unref();
    this.scheduler.pump(now);
  }

  /** To be sent again at once, here or where a redirect leads. */
  #again(job: Job, because: 'retry' | 'redirect', target: Target, now: number): void {
    if (because === 'retry') job.trail = [];
    job.because = because;
    job.target = target;
    job.origin = this.originOf(target);
    job.readyAt = now;
    this.#enqueue(job, true, now);
    this.scheduler.pump(now);
  }

  #enqueue(job: Job, front: boolean, now: number): void {
    if (job.origin.health.state === 'down') this.#giveUpOn(job, null, now);
    else this.scheduler.enqueue(job, front, now);
  }

  /** Puts a job that waits for a connection back into its queue: it was not tried. */
  #takeBack(job: Job, now: number): void {
    if (job.because !== 'redirect') job.attempts--;
    this.#leave(job, now);
    job.readyAt = now;
    this.#enqueue(job, true, now);
  }

  /** Gives the slot back. */
  #leave(job: Job, now: number): void {
    this.#flying.delete(job);
    this.scheduler.release(job, now);
    if (this.flying === 0) this.#owner.landed();
  }

  /** There will be no other answer. Decoding holds the slot: what is decoded is a body in memory, too. */
  #finish(job: Job, body: Body, error: FetchError | null, now: number): void {
    const encoding = job.head!.headers['content-encoding'];
    if (encoding === undefined) {
      this.#end(job, body, error, now);
      return;
    }
    let decoded: Body | Promise<Body>;
    try {
      decoded = decode(body, encoding);
    } catch (failure) {
      body.release();
      this.#end(job, null, error ?? failure, now);
      return;
    }
    if (decoded instanceof Promise) this.#decode(job, body, decoded, error, now);
    else this.#end(job, decoded, error, now);
  }

  /** Its time limits, which are the server's, have ended. */
  #decode(job: Job, body: Body, decoded: Promise<Body>, error: FetchError | null, now: number): void {
    this.#ledger.advance(now);
    this.#flying.delete(job);
    this.#ledger.decoding++;
    const done = (bytes: Body | null, failure: unknown): void => {
      const now = this.#clock.now();
      this.#ledger.advance(now);
      this.#ledger.decoding--;
      this.#end(job, bytes, error ?? failure, now);
    };
    decoded.then(
      (bytes) => done(bytes, null),
      (failure) => {
        body.release();
        done(null, failure);
      },
    );
  }

  /** The next request goes out before this one's result is worked on. */
  #end(job: Job, body: Body | null, thrown: unknown, now: number): void {
    this.#ledger.advance(now);
    this.#ledger.available--;
    this.#leave(job, now);
    this.scheduler.pump(now);
    this.#owner.came(job, body, thrown);
  }

  // Origins in trouble, limits of the system.

  /** A connect failed: after too many in a row the origin is left alone until one probe has decided. */
  #doubt(origin: Origin, startedAt: number, now: number): void {
    const before = origin.health.state;
    origin.health.failed(startedAt, now);
    if (before === 'up' && origin.health.state === 'probing')
      this.scheduler.pause(origin, now + PROBE_AFTER_MS, now);
  }

  #giveUpOn(job: Job, why: FetchError | null, now: number): void {
    this.#ledger.advance(now);
    this.#ledger.available--;
    const last = why === null ? '' : `; the last time: ${why.message}`;
    const text = `${job.origin.key} could not be connected to, several times in a row and once more after a pause${last}`;
    this.#owner.came(job, null, new FetchError('origin-down', text, why ?? undefined));
  }

  #shrink(job: Job | undefined, now: number): void {
    const slots = this.#ledger.busy - 1;
    if (slots < this.#ledger.slots) {
      if (!this.#shrunk)
        this.#owner.note(
          'the system allows no more open files: fewer in flight than asked; raise it with ulimit -n',
        );
      this.#shrunk = true;
      this.scheduler.resize(slots, now);
    }
    if (job !== undefined) this.#takeBack(job, now);
  }
}

/** Whether nobody was connected to, so that the error says nothing of an origin's health. */
function isOfName({ code }: FetchError): boolean {
  return code === 'dns' || code === 'blocked-address';
}

function isOutOfFiles(error: FetchError): boolean {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'EMFILE' || code === 'ENFILE';
}
