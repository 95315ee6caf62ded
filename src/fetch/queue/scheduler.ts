import type { Alarm, Clock } from '../clock.ts';
import type { Job } from '../job.ts';
import type { Settings } from '../settings.ts';
import { Fifo } from './fifo.ts';
import type { Origin } from './origin.ts';
import { Pace } from './pace.ts';
import { ADAPTING, type Ledger, PER_ORIGIN, PER_ORIGIN_RATE, type Reason } from './proof.ts';

/** Who carries what is dispatched. */
export interface Dispatcher {
  /** Whether a job of this origin would find a connection, or may open one. */
  canTake(origin: Origin): boolean;
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
  readonly #ledger: Ledger;
  readonly #dispatcher: Dispatcher;
  readonly #row = new Fifo<Origin>();
  /** Origins that freed a slot while nothing might be started: they keep it, and their connection. */
  readonly #kept = new Fifo<Origin>();
  /** When each free slot became free. */
  readonly #vacancies = new Fifo<number>();
  readonly #pace: Pace | null;
  #paceAlarm: Alarm | null = null;
  /** Origins that had anything queued. */
  #wanted = 0;
  /** Origins with anything queued or active. */
  working = 0;

  constructor(settings: Settings, clock: Clock, ledger: Ledger, dispatcher: Dispatcher, now: number) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#dispatcher = dispatcher;
    this.#pace = settings.ratePerS === null ? null : new Pace(settings.ratePerS);
    for (let i = 0; i < ledger.slots; i++) this.#vacancies.push(now);
  }

  /** A job wants to be sent. `front`: before those that wait, as it has waited before. */
  enqueue(job: Job, front: boolean, now: number): void {
    const origin = job.origin;
    if (origin.queue.length + origin.active === 0) this.working++;
    if (!origin.wasWanted) this.#wanted++;
    origin.wasWanted = true;
    if (front) origin.queue.unshift(job);
    else origin.queue.push(job);
    if (origin.blockedBy !== null) {
      this.#ledger.advance(now);
      this.#ledger.blocked[origin.blockedBy]!++;
    } else this.#stand(origin);
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
      const origin = this.#row.shift()!;
      origin.inRow = false;
      if (this.#hasItsHalf(origin) && this.#row.length > refused) {
        this.#stand(origin);
        refused++;
      } else if (this.#start(origin, now)) {
        this.#stand(origin);
        refused = 0;
      } else if (origin.queue.length > 0 && origin.active === 0 && origin.blockedBy === null) {
        // No connection is to be had, and none of its own will call it when one is.
        this.#stand(origin);
        refused++;
      }
    }
  }

  /** A slot is free again: its origin may keep it. */
  release(job: Job, now: number): void {
    const ledger = this.#ledger;
    const origin = job.origin;
    ledger.advance(now);
    ledger.busy--;
    origin.active--;
    if (origin.queue.length + origin.active === 0) this.working--;
    this.#vacancies.push(now);
    this.review(origin, now);
    const share = Math.ceil(ledger.slots / Math.max(1, this.working));
    if (origin.active >= share || origin.queue.length === 0) return;
    if (this.held) this.#kept.push(origin);
    else if (this.#hasSlot() && !this.#waitsForRate(now)) this.#start(origin, now);
  }

  /** Something about the origin changed: whether its queue can be sent, or whether a connection is to be had. */
  review(origin: Origin, now: number): void {
    const reason = this.#reasonAgainst(origin, now);
    if (reason !== origin.blockedBy) {
      const blocked = this.#ledger.blocked;
      this.#ledger.advance(now);
      if (origin.blockedBy !== null) blocked[origin.blockedBy]! -= origin.queue.length;
      if (reason !== null) blocked[reason]! += origin.queue.length;
      else origin.unblockedAt = now;
      origin.blockedBy = reason;
    }
    if (reason === null) this.#stand(origin);
  }

  /** Nothing is sent to the origin before `until`. */
  pause(origin: Origin, until: number, now: number): void {
    if (until <= origin.pausedUntil) return;
    origin.pausedUntil = until;
    this.review(origin, now);
  }

  /** Takes everything out of an origin's queue. */
  drain(origin: Origin, now: number): Job[] {
    this.#ledger.advance(now);
    if (origin.blockedBy !== null) this.#ledger.blocked[origin.blockedBy]! -= origin.queue.length;
    const jobs = origin.queue.take(() => true);
    if (jobs.length > 0 && origin.active === 0) this.working--;
    return jobs;
  }

  /** Other slots than before: the system has no more file descriptors, or the run's limits were changed. */
  resize(slots: number, now: number): void {
    this.#ledger.advance(now);
    for (let i = this.#ledger.slots; i > slots; i--) this.#vacancies.shift();
    for (let i = this.#ledger.slots; i < slots; i++) this.#vacancies.push(now);
    this.#ledger.slots = slots;
  }

  /** Another rate than before, where there is one. */
  repace(ratePerS: number): void {
    this.#pace?.change(ratePerS);
  }

  close(): void {
    this.#paceAlarm?.cancel();
  }

  #hasSlot(): boolean {
    return !this.held && this.#ledger.busy < this.#ledger.slots;
  }

  /** No origin has more while another waits, unless it has a limit of its own. */
  #hasItsHalf(origin: Origin): boolean {
    return origin.most === Number.POSITIVE_INFINITY && origin.active >= this.#ledger.slots / 2;
  }

  /** An origin that never answers takes one slot after the other, and has them all when the others come. */
  #isSilent({ sentSinceAnswer }: Origin): boolean {
    return this.#wanted > 1 && sentSinceAnswer >= this.#ledger.slots / 2;
  }

  #stand(origin: Origin): void {
    if (origin.inRow || origin.queue.length === 0) return;
    origin.inRow = true;
    this.#row.push(origin);
  }

  /** Dispatches the origin's next job. false when it has none, or can't send it now. */
  #start(origin: Origin, now: number): boolean {
    if (origin.queue.length === 0 || origin.blockedBy !== null) return false;
    if (!this.#dispatcher.canTake(origin)) return false;
    const job = origin.queue.shift()!;
    const ledger = this.#ledger;
    ledger.advance(now);
    ledger.busy++;
    origin.active++;
    origin.sentSinceAnswer++;
    this.#pace?.take(now);
    origin.pace?.take(now);
    const vacancy = this.#vacancies.shift() ?? now;
    const wantedAt = this.#pace === null ? Math.max(vacancy, job.readyAt, origin.unblockedAt) : now;
    job.dispatch(Math.min(wantedAt, now), now);
    this.#dispatcher.dispatch(job, now);
    this.review(origin, now);
    return true;
  }

  #reasonAgainst(origin: Origin, now: number): Reason | null {
    if (now < origin.pausedUntil) {
      this.#wake(origin, origin.pausedUntil - now);
      return ADAPTING;
    }
    if (origin.health.state === 'probing' && origin.active > 0) return ADAPTING;
    if (origin.active >= origin.limit.limit) return ADAPTING;
    if (this.#hasItsHalf(origin) && this.#isSilent(origin)) return ADAPTING;
    if (origin.active >= origin.most && origin.most < this.#ledger.slots) return PER_ORIGIN;
    const wait = origin.pace === null ? 0 : origin.pace.waitMs(now);
    if (wait === 0) return null;
    this.#wake(origin, wait);
    return PER_ORIGIN_RATE;
  }

  /** Looks again when the time is over; an alarm may come early, then it is set again. */
  #wake(origin: Origin, ms: number): void {
    const wake = () => {
      origin.waking = null;
      const now = this.#clock.now();
      this.review(origin, now);
      this.pump(now);
    };
    origin.waking ??= this.#clock.after(ms, wake).unref();
  }

  #waitsForRate(now: number): boolean {
    const wait = this.#pace === null ? 0 : this.#pace.waitMs(now);
    this.#ledger.advance(now);
    this.#ledger.rateHolds = wait > 0;
    if (wait === 0) return false;
    this.#paceAlarm ??= this.#clock.after(wait, () => {
      this.#paceAlarm = null;
      this.pump(this.#clock.now());
    });
    return true;
  }
}
