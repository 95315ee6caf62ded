import type { Job } from '../execute/index.ts';

/** The jobs of many chunks, one chunk after the other. A chunk can be added at any time, so an engine never waits for the end of one. */
export class JobSequence implements AsyncIterable<Job> {
  readonly #waiting: AsyncIterable<Job>[] = [];
  #closed = false;
  #wake: PromiseWithResolvers<void> | null = null;

  /** The jobs of a further chunk. */
  push(jobs: AsyncIterable<Job>): void {
    this.#waiting.push(jobs);
    this.#wake?.resolve();
  }

  /** Nothing follows what is there. */
  close(): void {
    this.#closed = true;
    this.#wake?.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Job> {
    for (;;) {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) yield* next;
      if (this.#closed) return;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }
}
