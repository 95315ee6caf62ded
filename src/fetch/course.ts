import type { Body } from './bodies/body.ts';
import { decode } from './bodies/decode.ts';
import type { Clock } from './clock.ts';
import { FetchError } from './errors.ts';
import type { Job, Origin } from './job.ts';
import { nextStepOf } from './next-step.ts';
import { BACK_OFF, type ConcurrencyMeter } from './queue/concurrency-meter.ts';
import { backoffMs, isRetried, isRetriedStatus, RetryBudget } from './retry.ts';
import type { Scheduler } from './scheduler.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

/** A kept-alive connection that died unheard costs the next request nothing, this often; redirects lead to further requests. */
const FREE_RETRIES = 3;

/** Who gets what jobs come to. */
export interface CourseOwner {
  /**
   * A job's last exchange was its last: with a decoded answer, an error, or both. The body is the owner's. `thrown`: a
   * FetchError, or the fault of the program that ends the run; null for neither.
   */
  came(job: Job, body: Body | null, thrown: unknown): void;
  /** Nothing is under way for now. */
  landed(): void;
  /** How many inputs were taken so far: the retry budget grows with them. */
  readonly taken: number;
}

/**
 * What becomes of a job after each of its exchanges: redirected, tried again, decoded, done. Times are milliseconds of
 * performance.now().
 */
export class Course {
  /** Dispatched and not answered. */
  readonly flying = new Set<Job>();
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #meter: ConcurrencyMeter;
  readonly #scheduler: Scheduler;
  readonly #originOf: (target: Target) => Origin;
  readonly #owner: CourseOwner;
  readonly #budget = new RetryBudget();

  constructor(
    settings: Settings,
    { clock, random }: World,
    meter: ConcurrencyMeter,
    scheduler: Scheduler,
    originOf: (target: Target) => Origin,
    owner: CourseOwner,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#meter = meter;
    this.#scheduler = scheduler;
    this.#originOf = originOf;
    this.#owner = owner;
  }

  /** Exchanges under way, and answers that are being decoded. */
  get underWay(): number {
    return this.flying.size + this.#meter.decoding;
  }

  /** An answer came, whole. The body is ours. */
  answered(job: Job, body: Body, now: number): void {
    const fate = nextStepOf(job, this.#settings);
    if (isRetriedStatus(job.head!.status)) this.#spare(job, now);
    else job.origin.queue.limit.goodAnswer(Math.min(job.origin.queue.most, this.#meter.slots));
    if (fate.kind === 'redirect') {
      body.release();
      this.#leave(job, now);
      job.trail = [...job.trail, job.target.href];
      this.#again(job, 'redirect', fate.target, now);
    } else if (fate.kind === 'done') this.#finish(job, body, fate.error, now);
    else this.#afterComplaint(job, body, fate.waitMs, now);
  }

  #afterComplaint(job: Job, body: Body, waitMs: number, now: number): void {
    if (this.#settings.adapt && waitMs > 0) this.#scheduler.pause(job.origin.queue, now + waitMs, now);
    if (this.#mayRetry(job)) {
      body.release();
      this.#later(job, waitMs, now);
    } else this.#finish(job, body, null, now);
  }

  /** The origin has too much to do: it gets less at once. */
  #spare({ origin: { queue }, sentAt }: Job, now: number): void {
    if (this.#settings.adapt) queue.limit.complaint(sentAt, now, queue.active);
  }

  /** The exchange failed. `unheard`: the server did not work on it, so that it may be sent again at no cost. */
  failed(job: Job, error: FetchError, unheard: boolean, now: number): void {
    if (unheard && job.freeRetries < FREE_RETRIES * (1 + job.trail.length)) {
      job.freeRetries++;
      job.needsNewConnection = job.origin.pool.offersH2 !== true;
      this.#leave(job, now);
      this.#again(job, 'retry', job.target, now);
    } else if (isRetried(error) && job.origin.queue.health.state !== 'down' && this.#mayRetry(job))
      this.#later(job, 0, now);
    else this.#end(job, null, error, now);
  }

  #mayRetry(job: Job): boolean {
    return job.attempts - job.freeRetries <= this.#settings.retries && this.#budget.spend(this.#owner.taken);
  }

  /** To be tried again after a back-off, during which it holds no slot. */
  #later(job: Job, waitMs: number, now: number): void {
    this.#leave(job, now);
    this.#meter.blocked[BACK_OFF]!++;
    const again = () => {
      const now = this.#clock.now();
      this.#meter.advance(now);
      this.#meter.blocked[BACK_OFF]!--;
      job.trail = [];
      this.#again(job, 'retry', job.first, now);
    };
    this.#clock.after(waitMs + backoffMs(job.attempts, this.#random), again).unref();
    this.#scheduler.pump(now);
  }

  /** To be sent again at once, from the beginning or where its redirects have led. */
  #again(job: Job, because: 'retry' | 'redirect', target: Target, now: number): void {
    job.because = because;
    job.target = target;
    job.origin = this.#originOf(target);
    job.readyAt = now;
    this.enqueue(job, true, now);
    this.#scheduler.pump(now);
  }

  /** Queues it. `front`: before jobs that have not begun. */
  enqueue(job: Job, front: boolean, now: number): void {
    if (job.origin.queue.health.state === 'down') this.giveUpOn(job, null, now);
    else this.#scheduler.enqueue(job, front, now);
  }

  /** Puts a job that waits for a connection back into its queue: it was not tried. */
  takeBack(job: Job, now: number): void {
    if (job.because !== 'redirect') job.attempts--;
    this.#leave(job, now);
    job.readyAt = now;
    this.enqueue(job, true, now);
  }

  /** Gives the slot back. */
  #leave(job: Job, now: number): void {
    this.flying.delete(job);
    this.#scheduler.release(job, now);
    if (this.underWay === 0) this.#owner.landed();
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
    this.#meter.advance(now);
    this.flying.delete(job);
    this.#meter.decoding++;
    const done = (bytes: Body | null, failure: unknown): void => {
      const now = this.#clock.now();
      this.#meter.advance(now);
      this.#meter.decoding--;
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
    this.#meter.advance(now);
    this.#meter.available--;
    this.#leave(job, now);
    this.#scheduler.pump(now);
    this.#owner.came(job, body, thrown);
  }

  /** Its origin can't be connected to. `why`: how it failed the last time. */
  giveUpOn(job: Job, why: FetchError | null, now: number): void {
    this.#meter.advance(now);
    this.#meter.available--;
    const last = why === null ? '' : `; the last time: ${why.text}`;
    const text = `${job.origin.target.origin} could not be connected to, several times in a row and once more after a pause${last}`;
    this.#owner.came(job, null, new FetchError('origin-down', text, why ?? undefined));
  }
}
