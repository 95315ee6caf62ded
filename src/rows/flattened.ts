import { InputError } from './error.ts';
import type { Row } from './row.ts';

/**
 * Rows to be taken one by one; a new place is read only when the one before it is used up. Where a place turns out
 * to be wrong they end, and `failure` says why: what came before is good.
 */
export interface Rows extends AsyncIterable<Row> {
  /** How many were taken. */
  readonly taken: number;
  /** How many there are in all; null while that is not known. */
  readonly total: number | null;
  /** An estimate of the number, from the share of the file that was read; null if unknown. */
  readonly estimate: number | null;
  readonly failure: InputError | null;
}

/** How much was read of what there is to read, from 0 to 1, where that is known. */
export interface Reading {
  share: () => number | null;
}

/** `for await`, and the engine, take a result without a promise as well; TypeScript has no name for that. */
interface SometimesAsync {
  next(): IteratorResult<Row> | Promise<IteratorResult<Row>>;
}

/**
 * Gives out batches row by row, and gets the next one meanwhile: a row that is there costs no promise, and an end
 * that is known is told at once.
 */
export class Flattened implements Rows {
  taken = 0;
  total: number | null;
  failure: InputError | null = null;
  #batch: readonly Row[];
  #at = 0;
  #next: IteratorResult<readonly Row[]> | null = null;
  #coming: Promise<void>;
  /** Why there is no next batch; thrown after the rows before it were taken. */
  #wrong: InputError | null = null;
  readonly #batches: AsyncGenerator<readonly Row[]>;
  readonly #reading: Reading;

  constructor(
    first: readonly Row[],
    batches: AsyncGenerator<readonly Row[]>,
    total: number | null,
    reading: Reading,
  ) {
    this.#reading = reading;
    this.#batch = first;
    this.#batches = batches;
    this.total = total;
    this.#coming = this.#fetch();
    this.#coming.catch(() => {}); // the caller that asks for the next row gets the error
  }

  [Symbol.asyncIterator](): AsyncIterator<Row> {
    return this as SometimesAsync as AsyncIterator<Row>;
  }

  get estimate(): number | null {
    const share = this.#reading.share();
    return share === null || share === 0 ? null : Math.round(this.taken / share);
  }

  next(): IteratorResult<Row> | Promise<IteratorResult<Row>> {
    for (;;) {
      const row = this.#batch[this.#at];
      if (row !== undefined) {
        this.#at++;
        this.taken++;
        return { done: false, value: row };
      }
      if (this.taken === this.total) return { done: true, value: undefined };
      if (this.#next === null) return this.#coming.then(() => this.next());
      this.#turn(this.#next);
    }
  }

  async return(): Promise<IteratorResult<Row>> {
    await this.#batches.return(undefined);
    return { done: true, value: undefined };
  }

  #turn(next: IteratorResult<readonly Row[]>): void {
    if (next.done) {
      this.total = this.taken;
      this.failure = this.#wrong;
      return;
    }
    this.#batch = next.value;
    this.#at = 0;
    this.#next = null;
    this.#coming = this.#fetch();
    this.#coming.catch(() => {});
  }

  async #fetch(): Promise<void> {
    try {
      this.#next = await this.#batches.next();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#wrong = error;
      this.#next = { done: true, value: undefined };
    }
  }
}
