/** Longest time between two tries. */
const MOST_MS = 60_000;
const FIRST_MS = 1000;

/** How long to wait after a failure: twice as long each time, until something succeeds. */
export class Patience {
  readonly #now: () => number;
  #failures = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  get isWaiting(): boolean {
    return this.#now() < this.#untilMs;
  }

  /** What fails while it waits was begun before, and is the same failure. */
  failed(): void {
    if (this.isWaiting) return;
    this.#untilMs = this.#now() + Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
