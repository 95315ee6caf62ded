/** Unused permits are kept for this long, so that a late timer loses no rate; longer would be a burst. */
const KEPT_MS = 50;

/** Hands out permits at an even rate: a token bucket of 50 ms. Times are milliseconds of one clock. */
export class Pace {
  #everyMs: number;
  #next = Number.NEGATIVE_INFINITY;

  constructor(ratePerS: number) {
    this.#everyMs = 1000 / ratePerS;
  }

  /** Changes the rate. */
  change(ratePerS: number): void {
    this.#everyMs = 1000 / ratePerS;
  }

  /** 0 when a permit can be had at `now`, else the milliseconds until one can. */
  waitMs(now: number): number {
    return Math.max(0, this.#next - now);
  }

  /** Takes a permit. Call only where waitMs(now) is 0. */
  take(now: number): void {
    this.#next = Math.max(this.#next, now - KEPT_MS) + this.#everyMs;
  }
}
