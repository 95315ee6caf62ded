import type { Alarm } from '../clock.ts';
import { Fifo } from '../fifo.ts';
import { AdaptiveLimit, Health } from './adapt.ts';
import type { Reason } from './concurrency-meter.ts';
import { Pace } from './pace.ts';

/** The scheduler's queue of one origin: who waits for it, and what it can bear. */
export class OriginQueue<Job> {
  /** Wanted, and not dispatched. */
  readonly jobs = new Fifo<Job>();
  /** Dispatched and not done. */
  active = 0;
  /** Dispatched since it last answered: many are a sign that it never will. */
  sentSinceAnswer = 0;
  /** Something was queued here at some time. */
  wasWanted = false;
  /** Requests that it may have in flight, whatever its answers; Infinity where nothing was said. */
  most = Number.POSITIVE_INFINITY;
  readonly limit = new AdaptiveLimit();
  readonly health = new Health();
  readonly pace: Pace | null;
  /** Nothing is sent before this: Retry-After, or the pause before a probe. Milliseconds of performance.now(). */
  pausedUntil = Number.NEGATIVE_INFINITY;
  /** Set while it waits for a time to come. */
  waking: Alarm | null = null;
  /** Whether it is in the scheduler's row. */
  inRow = false;
  /** Why it can't be sent now; null when it can. */
  blockedBy: Reason | null = null;
  /** Since when it can be sent again. */
  unblockedAt = Number.NEGATIVE_INFINITY;

  constructor(ratePerS: number | null) {
    this.pace = ratePerS === null ? null : new Pace(ratePerS);
  }

  /** Queued or dispatched, and not done. */
  get wanted(): number {
    return this.jobs.length + this.active;
  }
}
