import type { EngineRecord, ResultStore, Took } from '../execute/index.ts';
import type { ChunkRef } from './names.ts';
import type { Spool } from './spool.ts';

/** A chunk that is being fetched: how many of its rows the engine has and has finished, and what came of them. */
export class ActiveChunk {
  readonly ref: ChunkRef;
  readonly spool: Spool;
  readonly #whole = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  /** Nothing comes of the chunk, though some of its rows may still be in the engine. */
  isGivenUp = false;
  #given = 0;
  #areAllGiven = false;
  #finished = 0;
  #results = 0;
  #failed = 0;

  constructor(ref: ChunkRef, spool: Spool) {
    this.ref = ref;
    this.spool = spool;
    this.whole.catch(() => {}); // the caller of fetch() gets the error, perhaps a moment later
  }

  /** Resolves when all rows have all their results; rejects when the chunk fails. */
  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** Resolves when the engine has none of its rows any more. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get hasBegun(): boolean {
    return this.#given > 0;
  }

  /** Whether every row that the engine got is finished. */
  get isIdle(): boolean {
    return this.#finished === this.#given;
  }

  get counts(): { readonly rows: number; readonly results: number; readonly failed: number } {
    return { rows: this.#finished, results: this.#results, failed: this.#failed };
  }

  /** Rows that are not finished. `chunkRows`: how many it is assumed to have while they are still being read. */
  pending(chunkRows: number): number {
    return (this.#areAllGiven ? this.#given : chunkRows) - this.#finished;
  }

  /** The engine gets one more row. */
  give(): void {
    this.#given++;
  }

  /** The engine has got all rows. */
  endGiving(): void {
    this.#areAllGiven = true;
    this.#settle();
  }

  readonly record = (record: EngineRecord): void => {
    if (!this.isGivenUp) this.spool.record(record);
  };

  result(...result: Parameters<ResultStore['add']>): ReturnType<ResultStore['add']> {
    return this.isGivenUp ? undefined : this.spool.result(...result);
  }

  took(took: Took): void {
    if (took.last) this.#finished++;
    if (this.isGivenUp) return;
    this.spool.took(took);
    this.#results++;
    if (took.last && took.error !== null) this.#failed++;
    this.#settle();
  }

  fail(why: unknown): void {
    this.#whole.reject(why);
  }

  leave(): void {
    this.#gone.resolve();
  }

  /** A failure after the last row is finished changes nothing. */
  #settle(): void {
    if (this.#areAllGiven && this.isIdle) this.#whole.resolve();
  }
}
