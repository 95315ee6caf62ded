import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { type Input, kindOf } from './input.ts';
import { isThenable } from './thenable.ts';

/** Look-ahead: enough to take the work origin by origin, little enough to keep memory flat. */
const MAX_INPUTS = 20_000;
/** Look-ahead where there is nothing to group: what waits long is copied by every collection of young memory. */
const MIN_INPUTS = 2000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Taken in one go: the loop has other things to do. */
const SLICE = 512;

type Given<Data> = string | Input<Data>;
type NextInput<Data> = IteratorResult<Given<Data>>;

/** Why a run can't go on: what was thrown, which may be undefined. */
export interface Failure {
  readonly cause: unknown;
}

/** Who takes what the input gives. */
export interface InputConsumer<Data> {
  /** Takes an input. Gives what it holds of the look-ahead: the length of its URL. */
  take(input: Given<Data>): number;
  /** A good number was taken. `slow`: the source has more, and keeps us waiting for it. */
  paused(slow: boolean): void;
  /** The source has no more, and is closed; `failure`: why, when it failed. */
  ended(failure: Failure | null): void;
  /** How many inputs ahead would be of use. */
  readonly lookAhead: number;
}

/** Reads the input when it is needed, with a look-ahead of up to 20,000 inputs or 8 MiB of URLs. */
export class InputReader<Data> {
  /** Nothing more comes. */
  ended = false;
  /** The source has done its own clean-up too. */
  closed = false;
  readonly #next: () => NextInput<Data> | PromiseLike<NextInput<Data>>;
  readonly #close: () => unknown;
  readonly #clock: Clock;
  readonly #taker: InputConsumer<Data>;
  #held = 0;
  #bytes = 0;
  #pulling = false;
  /** The source was asked, and has not answered. */
  #asking = false;

  /** @throws TypeError for what can't be iterated over. */
  constructor(
    source: Iterable<Given<Data>> | AsyncIterable<Given<Data>>,
    clock: Clock,
    taker: InputConsumer<Data>,
  ) {
    const iterator = iteratorOf(source);
    this.#next = () => iterator.next();
    this.#close = () => iterator.return?.();
    this.#clock = clock;
    this.#taker = taker;
  }

  /** Pulls until the look-ahead is full or the source is slow. */
  pull(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    this.#try(() => this.#pullSlice());
  }

  /** One input is done: there is room for another. `size`: as `take` gave it. */
  done(size: number): void {
    this.#held--;
    this.#bytes -= size;
    // Pulled in batches: a source is asked when a good part of the look-ahead is used up.
    if (!this.ended && this.#held < 0.95 * this.#room) this.pull();
  }

  /** What an input asked for next takes its place. Sizes as `take` gave them. */
  followed(size: number, by: number): void {
    this.#bytes += by - size;
  }

  /** No more is wanted: the source is closed. */
  stop(): void {
    if (this.ended) return;
    this.ended = true;
    this.#closeSource().then((failure) => this.#finish(failure));
  }

  async #closeSource(): Promise<Failure | null> {
    // A source that stops its own run is still within its next().
    await null;
    const closing = Promise.resolve()
      .then(() => this.#close())
      .then(
        () => null,
        (cause: unknown) => ({ cause }),
      );
    // A generator that waits for something closes when that has come, which may be never: it is not waited for.
    return this.#asking ? Promise.race([closing, nextTurn(null)]) : closing;
  }

  #pullSlice(): void {
    for (let left = SLICE; left > 0 && this.#wants(); left--) {
      const step = this.#next();
      if (isThenable(step)) {
        this.#await(step);
        return;
      }
      this.#took(step);
    }
    this.#pulling = false;
    if (this.ended) return;
    this.#taker.paused(false);
    if (this.#wants()) this.#clock.soon(() => this.pull());
  }

  #wants(): boolean {
    return !this.ended && this.#held < this.#room && this.#bytes < MAX_BYTES;
  }

  get #room(): number {
    return Math.max(MIN_INPUTS, Math.min(MAX_INPUTS, this.#taker.lookAhead));
  }

  #await(step: PromiseLike<NextInput<Data>>): void {
    this.#asking = true;
    this.#taker.paused(true);
    step.then(
      (result) => {
        this.#asking = false;
        this.#pulling = false;
        if (this.ended) return;
        this.#try(() => this.#took(result));
        this.pull();
      },
      (error) => {
        this.#asking = false;
        this.#failed(error);
      },
    );
  }

  /** @throws TypeError for a step that is no object, as for-of does. */
  #took(step: NextInput<Data>): void {
    if (typeof step !== 'object' || step === null)
      throw new TypeError(`inputs: the iterator gives ${kindOf(step)}, and no { done, value }`);
    if (step.done === true) this.#end(null);
    else {
      this.#held++;
      this.#bytes += this.#taker.take(step.value);
    }
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#pulling = false;
    this.#end({ cause: error });
  }

  #end(failure: Failure | null): void {
    if (this.ended) return;
    this.ended = true;
    this.#finish(failure);
  }

  #finish(failure: Failure | null): void {
    this.closed = true;
    this.#taker.ended(failure);
  }
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  // A text can be iterated over too, letter by letter.
  const given =
    typeof source === 'string' ? null : (source as Partial<Iterable<T> & AsyncIterable<T>> | null);
  const iterator = given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.();
  if (iterator !== undefined) return iterator;
  throw new TypeError(
    `inputs: ${kindOf(source)} is no list of URLs; give a list or a generator of them: ['https://example.org/']`,
  );
}
