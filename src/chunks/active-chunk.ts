import type { EngineRecord, ResultStore, Took } from '../execute/index.ts';
import type { ChunkRef } from './names.ts';
import type { Spool } from './spool.ts';

/** A chunk under way: which of its rows an engine has, and what came of them. */
export class ActiveChunk {
  readonly ref: ChunkRef;
  readonly spool: Spool;
  /** Resolves when all its rows are done; rejects when nothing comes of it. */
  readonly whole = Promise.withResolvers<void>();
  /** None of its rows is under way any more, and none will be. */
  readonly gone = Promise.withResolvers<void>();
  readonly take = (record: EngineRecord): void => this.spool.record(record);
  /** Rows that are done, and how many of them failed. */
  rows = 0;
  failed = 0;
  results = 0;
  /** Rows that the engine was given, and whether those are all. */
  #given = 0;
  #areAll = false;
  /** Nothing comes of it, though the engine may still have rows of it. */
  #isLame = false;

  constructor(ref: ChunkRef, spool: Spool) {
    this.ref = ref;
    this.spool = spool;
    this.whole.promise.catch(() => {}); // whoever fetches it waits for it, perhaps a moment later
  }

  get isBegun(): boolean {
    return this.#given > 0;
  }

  get isLame(): boolean {
    return this.#isLame;
  }

  /** The engine has none of its rows. */
  get isIdle(): boolean {
    return this.rows === this.#given;
  }

  /** Rows that are not done; `size`: how many there may be, while they are not all read. */
  pending(size: number): number {
    return (this.#areAll ? this.#given : size) - this.rows;
  }

  /** The engine is given a row. */
  give(): void {
    this.#given++;
  }

  /** The engine was given all rows. */
  areAll(): void {
    this.#areAll = true;
    this.#settle();
  }

  add(...[result, index, place]: Parameters<ResultStore['add']>): void | Promise<void> {
    return this.#isLame ? undefined : this.spool.result(result, index, place);
  }

  took(took: Took): void {
    if (took.last) this.rows++;
    if (this.#isLame) return;
    this.spool.took(took);
    this.results++;
    if (took.last && took.error !== null) this.failed++;
    this.#settle();
  }

  /** What still comes of its rows goes nowhere. */
  async end(): Promise<void> {
    this.#isLame = true;
    await this.spool.remove();
  }

  #settle(): void {
    if (this.#areAll && this.isIdle) this.whole.resolve();
  }
}
