import type { Alarm, Clock } from './clock.ts';
import { Fifo } from './fifo.ts';
import type { Job } from './job.ts';
import {
  ADAPTING,
  type ConcurrencyMeter,
  PER_ORIGIN,
  PER_ORIGIN_RATE,
  type Reason,
} from './queue/concurrency-meter.ts';
import type { OriginQueue } from './queue/origin-queue.ts';
import { Pace } from './queue/pace.ts';
import type { Settings } from './settings.ts';

type Queue = OriginQueue<Job>;

/** Who carries what is dispatched. */
export interface Dispatcher {
  /** Whether this job would find a connection, or may open one. */
  canTake(job: Job): boolean;
  dispatch(job: Job, now: number): void;
}

/**
 * Decides who goes next. A slot is one request dispatched and not done. Origins stand in a row and get slots in
 * turn; one that frees a slot keeps it while it has no more than its even share, so that a connection is used
 * until its origin has nothing left: as few handshakes as there can be. No origin gets more than half of the slots
 * while another waits, or before it answers, unless it has a limit of its own. What waits for a back-off, a pause or
 * a limit holds no slot.
 */
export class Scheduler {
  /** Nothing new is started while true: the sink is full, or the run is stopping. */
  held = false;
  readonly #clock: Clock;
  readonly #meter: ConcurrencyMeter;
  readonly #dispatcher: Dispatcher;
  readonly #row = new Fifo<Queue>();
  /** Origins that freed a slot while nothing might be started: they keep it, and their connection. */
  readonly #kept = new Fifo<Queue>();
  /** When each free slot became free. */
  readonly #vacancies = new Fifo<number>();
  readonly #pace: Pace | null;
  #paceAlarm: Alarm | null = null;
  /** Origins that had anything queued. */
  #wanted = 0;
  /** Origins with anything queued or active. */
  working = 0;

  constructor(
    settings: Settings,
    clock: Clock,
    meter: ConcurrencyMeter,
    dispatcher: Dispatcher,
    now: number,
  ) {
    this.#clock = clock;
    this.#meter = meter;
    this.#dispatcher = dispatcher;
    this.#pace = settings.ratePerS === null ? null : new Pace(settings.ratePerS);
    for (let i = 0; i < meter.slots; i++) this.#vacancies.push(now);
  }

  /** Queues a job. `front`: before the waiting jobs, because it has waited before. */
  enqueue(job: Job, front: boolean, now: number): void {
    const { queue } = job.origin;
    if (queue.wanted === 0) this.working++;
    if (!queue.wasWanted) this.#wanted++;
    queue.wasWanted = true;
    if (front) queue.jobs.unshift(job);
    else queue.jobs.push(job);
    if (queue.blockedBy !== null) {
      this.#meter.advance(now);
      this.#meter.blocked[queue.blockedBy]!++;
    } else this.#stand(queue);
  }

  /** Hands out free slots as long as somebody can use them. */
  pump(now: number): void {
    while (this.#hasSlot() && this.#kept.length > 0) {
      if (this.#waitsForRate(now)) return;
      this.#start(this.#kept.shift()!, now);
    }
    let refused = 0;
    while (this.#hasSlot() && this.#row.length > refused) {
      if (this.#waitsForRate(now)) return;
      const queue = this.#row.shift()!;
      queue.inRow = false;
      if (this.#hasItsHalf(queue) && this.#row.length > refused) {
        this.#stand(queue);
        refused++;
      } else if (this.#start(queue, now)) {
        this.#stand(queue);
        refused = 0;
      } else if (queue.jobs.length > 0 && queue.active === 0 && queue.blockedBy === null) {
        // No connection is to be had, and none of its own will call it when one is.
        this.#stand(queue);
        refused++;
      }
    }
  }

  /** A slot is free again: its origin may keep it. */
  release(job: Job, now: number): void {
    const meter = this.#meter;
    const { queue } = job.origin;
    meter.advance(now);
    meter.busy--;
    queue.active--;
    if (queue.wanted === 0) this.working--;
    this.#vacancies.push(now);
    this.review(queue, now);
    const share = Math.ceil(meter.slots / Math.max(1, this.working));
    if (queue.active >= share || queue.jobs.length === 0) return;
    if (this.held) this.#kept.push(queue);
    else if (this.#hasSlot() && !this.#waitsForRate(now)) this.#start(queue, now);
  }

  /** Something about the origin changed: whether its queue can be sent, or whether a connection is to be had. */
  review(queue: Queue, now: number): void {
    const reason = this.#reasonAgainst(queue, now);
    if (reason !== queue.blockedBy) {
      const blocked = this.#meter.blocked;
      this.#meter.advance(now);
      if (queue.blockedBy !== null) blocked[queue.blockedBy]! -= queue.jobs.length;
      if (reason !== null) blocked[reason]! += queue.jobs.length;
      else queue.unblockedAt = now;
      queue.blockedBy = reason;
    }
    if (reason === null) this.#stand(queue);
  }

  /** Nothing is sent to the origin before `until`. */
  pause(queue: Queue, until: number, now: number): void {
    if (until <= queue.pausedUntil) return;
    queue.pausedUntil = until;
    this.review(queue, now);
  }

  /** Takes everything out of an origin's queue. */
  drain(queue: Queue, now: number): Job[] {
    this.#meter.advance(now);
    if (queue.blockedBy !== null) this.#meter.blocked[queue.blockedBy]! -= queue.jobs.length;
    const jobs = queue.jobs.take(() => true);
    if (jobs.length > 0 && queue.active === 0) this.working--;
    return jobs;
  }

  /** Other slots than before: the system has no more file descriptors, or the run's limits were changed. */
  resize(slots: number, now: number): void {
    this.#meter.advance(now);
    for (let i = this.#meter.slots; i > slots; i--) this.#vacancies.shift();
    for (let i = this.#meter.slots; i < slots; i++) this.#vacancies.push(now);
    this.#meter.slots = slots;
  }

  /** Another rate than before, where there is one. */
  repace(ratePerS: number): void {
    this.#pace?.change(ratePerS);
  }

  close(): void {
    this.#paceAlarm?.cancel();
  }

  #hasSlot(): boolean {
    return !this.held && this.#meter.busy < this.#meter.slots;
  }

  /** No origin has more while another waits, unless it has a limit of its own. */
  #hasItsHalf(queue: Queue): boolean {
    return queue.most === Number.POSITIVE_INFINITY && queue.active >= this.#meter.slots / 2;
  }

  /** An origin that never answers takes one slot after the other, and has them all when the others come. */
  #isSilent({ sentSinceAnswer }: Queue): boolean {
    return this.#wanted > 1 && sentSinceAnswer >= this.#meter.slots / 2;
  }

  #stand(queue: Queue): void {
    if (queue.inRow || queue.jobs.length === 0) return;
    queue.inRow = true;
    this.#row.push(queue);
  }

  /** Dispatches the origin's next job. false when it has none, or can't send it now. */
  #start(queue: Queue, now: number): boolean {
    const job = queue.jobs.first;
    if (job === undefined || queue.blockedBy !== null) return false;
    if (!this.#dispatcher.canTake(job)) return false;
    queue.jobs.shift();
    const meter = this.#meter;
    meter.advance(now);
    meter.busy++;
    queue.active++;
    queue.sentSinceAnswer++;
    this.#pace?.take(now);
    queue.pace?.take(now);
    const vacancy = this.#vacancies.shift() ?? now;
    const wantedAt = this.#pace === null ? Math.max(vacancy, job.readyAt, queue.unblockedAt) : now;
    job.dispatch(Math.min(wantedAt, now), now);
    this.#dispatcher.dispatch(job, now);
    this.review(queue, now);
    return true;
  }

  #reasonAgainst(queue: Queue, now: number): Reason | null {
    if (now < queue.pausedUntil) {
      this.#wake(queue, queue.pausedUntil - now);
      return ADAPTING;
    }
    if (queue.health.state === 'probing' && queue.active > 0) return ADAPTING;
    if (queue.active >= queue.limit.limit) return ADAPTING;
    if (this.#hasItsHalf(queue) && this.#isSilent(queue)) return ADAPTING;
    if (queue.active >= queue.most && queue.most < this.#meter.slots) return PER_ORIGIN;
    const wait = queue.pace === null ? 0 : queue.pace.waitMs(now);
    if (wait === 0) return null;
    this.#wake(queue, wait);
    return PER_ORIGIN_RATE;
  }

  /** Checks again after the time; if the alarm comes early, it is set again. */
  #wake(queue: Queue, ms: number): void {
    const wake = () => {
      queue.waking = null;
      const now = this.#clock.now();
      this.review(queue, now);
      this.pump(now);
    };
    queue.waking ??= this.#clock.after(ms, wake).unref();
  }

  #waitsForRate(now: number): boolean {
    const wait = this.#pace === null ? 0 : this.#pace.waitMs(now);
    this.#meter.advance(now);
    this.#meter.rateHolds = wait > 0;
    if (wait === 0) return false;
    this.#paceAlarm ??= this.#clock.after(wait, () => {
      this.#paceAlarm = null;
      this.pump(this.#clock.now());
    });
    return true;
  }
}
