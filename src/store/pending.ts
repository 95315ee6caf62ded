/** The most files to write at once, before callers have to wait: enough for the threads that write them. */
const MOST_PENDING = 64;

/** Writes under way: bounded, and the first that failed is kept. */
export class PendingWrites {
  readonly #pending = new Set<Promise<void>>();
  #failure: unknown;

  /** Takes a write that has begun. A promise means: wait for it before the next. */
  add(write: Promise<void>): Promise<void> | undefined {
    const done = write
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#pending.delete(done);
      });
    this.#pending.add(done);
    return this.#pending.size < MOST_PENDING ? undefined : Promise.race(this.#pending);
  }

  /** @throws what the first write that failed did. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for all. @throws what the first write that failed did. */
  async finish(): Promise<void> {
    await Promise.all(this.#pending);
    this.check();
  }
}
