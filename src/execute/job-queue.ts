import type { Job } from './order.ts';

/** Beside what is in flight a worker has at least this many jobs at hand: an answer's time is longer than a message's. */
const LEAST_AT_HAND = 16;

/** Jobs that come by message: asked for as they are used up, so that none waits here while another thread has none. */
export class JobQueue implements AsyncIterable<Job> {
  readonly #ask: (jobs: number) => void;
  readonly #pending: () => number;
  #slots: number;
  #jobs: readonly Job[] = [];
  #at = 0;
  #asked = false;
  #ended = false;
  #waiting: PromiseWithResolvers<void> | null = null;

  /** `pending`: how many were taken and are not done; `slots`: how many may be in flight. */
  constructor(ask: (jobs: number) => void, pending: () => number, slots: number) {
    this.#ask = ask;
    this.#pending = pending;
    this.#slots = slots;
  }

  get length(): number {
    return this.#jobs.length - this.#at;
  }

  /** What was asked for. */
  push(jobs: readonly Job[], isEnd: boolean): void {
    this.#jobs = [...this.#jobs.slice(this.#at), ...jobs];
    this.#at = 0;
    this.#asked = false;
    this.#ended ||= isEnd;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  resize(slots: number): void {
    this.#slots = slots;
    this.ask();
  }

  /** Asks for more where fewer are left than will soon be wanted. */
  ask(): void {
    if (this.#asked || this.#ended) return;
    const wanted = 2 * this.#slots + LEAST_AT_HAND;
    const atHand = this.length + this.#pending();
    if (atHand > (3 * wanted) / 4) return;
    this.#asked = true;
    this.#ask(wanted - atHand);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Job> {
    for (;;) {
      while (this.#at < this.#jobs.length) yield this.#jobs[this.#at++]!;
      if (this.#ended) return;
      this.ask();
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }
}
