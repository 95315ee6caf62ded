import type { Input } from './options.ts';

/** Look-ahead: enough to take the work origin by origin, little enough to keep memory flat. */
const MAX_INPUTS = 20_000;
/** Look-ahead where there is nothing to group: what waits long is copied by every collection of young memory. */
const MIN_INPUTS = 2000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Taken in one go: the loop has other things to do. */
const SLICE = 512;

type Given<Data> = string | Input<Data>;

/** Who takes what the input gives. */
export interface Taker<Data> {
  take(input: Given<Data>): void;
  /** A good number was taken. `slow`: the source has more, and keeps us waiting for it. */
  paused(slow: boolean): void;
  /** The source has no more; `error`: it failed. */
  ended(error?: unknown): void;
  /** How many inputs ahead would be of use. */
  readonly lookAhead: number;
}

/** Pulls the input as it is needed, up to a look-ahead of 20,000 inputs or 8 MiB of URLs. */
export class Intake<Data> {
  ended = false;
  readonly #next: () => IteratorResult<Given<Data>> | Promise<IteratorResult<Given<Data>>>;
  readonly #close: () => void;
  readonly #taker: Taker<Data>;
  #held = 0;
  #bytes = 0;
  #pulling = false;

  constructor(source: Iterable<Given<Data>> | AsyncIterable<Given<Data>>, taker: Taker<Data>) {
    const iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#next = () => iterator.next();
    // What a source's own clean-up has to say comes too late for any result.
    this.#close = () => void Promise.resolve(iterator.return?.()).catch(() => {});
    this.#taker = taker;
  }

  /** Pulls until the look-ahead is full or the source is slow. */
  pull(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      this.#pullSlice();
    } catch (error) {
      this.#pulling = false;
      this.#end(error);
    }
  }

  /** One input is done: there is room for another. */
  done(input: Given<Data>): void {
    this.#held--;
    this.#bytes -= sizeOf(input);
    // Pulled in batches: a source is asked when a good part of the look-ahead is used up.
    if (!this.ended && this.#held < 0.95 * this.#room) this.pull();
  }

  /** What an input asked for next takes its place. */
  followed(input: Given<Data>, by: Given<Data>): void {
    this.#bytes += sizeOf(by) - sizeOf(input);
  }

  /** No more is wanted. */
  stop(): void {
    if (this.ended) return;
    this.#close();
    this.#end();
  }

  #pullSlice(): void {
    for (let left = SLICE; left > 0 && this.#wants(); left--) {
      const step = this.#next();
      if (step instanceof Promise) {
        this.#await(step);
        return;
      }
      this.#took(step);
    }
    this.#pulling = false;
    if (this.ended) return;
    this.#taker.paused(false);
    if (this.#wants()) setImmediate(() => this.pull());
  }

  #wants(): boolean {
    return !this.ended && this.#held < this.#room && this.#bytes < MAX_BYTES;
  }

  get #room(): number {
    return Math.max(MIN_INPUTS, Math.min(MAX_INPUTS, this.#taker.lookAhead));
  }

  #await(step: Promise<IteratorResult<Given<Data>>>): void {
    this.#taker.paused(true);
    step.then(
      (result) => {
        this.#pulling = false;
        if (this.ended) return;
        this.#took(result);
        this.pull();
      },
      (error) => {
        this.#pulling = false;
        this.#end(error);
      },
    );
  }

  #took(step: IteratorResult<Given<Data>>): void {
    if (step.done === true) {
      this.#end();
      return;
    }
    this.#held++;
    this.#bytes += sizeOf(step.value);
    this.#taker.take(step.value);
  }

  #end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.#taker.ended(error);
  }
}

function sizeOf(input: Given<unknown>): number {
  return typeof input === 'string' ? input.length : (input?.url?.length ?? 0);
}
