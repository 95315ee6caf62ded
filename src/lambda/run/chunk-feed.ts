import { setTimeout as sleep } from 'node:timers/promises';
import { type ChunkDone, ChunkError, type ChunkFetcher } from '../../chunks/index.ts';
import type { Chunk, ChunkRow } from '../../report/index.ts';
import type { Budget, Load } from './budget.ts';

const LOOK_MS = 10;

/** Feeds a fetcher with chunks, so that it is never short of rows, for as long as there is time to finish them. */
export class ChunkFeed {
  readonly #fetcher: ChunkFetcher;
  readonly #budget: Budget;
  readonly #chunkRows: number;
  readonly #slots: number;
  readonly #round: number;
  readonly #underWay = new Set<Promise<void>>();
  /** Rows that were handed over, and those that the fetcher has not looked at yet. */
  #begun = 0;
  #unread = 0;
  #failure: unknown;
  #isStopped = false;
  /** Chunks whose files are there since. */
  written = 0;

  constructor(
    fetcher: ChunkFetcher,
    budget: Budget,
    {
      chunkRows,
      slots,
      round,
    }: { readonly chunkRows: number; readonly slots: number; readonly round: number },
  ) {
    this.#fetcher = fetcher;
    this.#budget = budget;
    this.#chunkRows = chunkRows;
    this.#slots = slots;
    this.#round = round;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Fetches chunks. Returns whether all of them are there. @throws what fetching throws */
  async run(chunks: AsyncIterable<Chunk>): Promise<boolean> {
    const end = setTimeout(() => this.#fetcher.abort(), Math.max(0, this.#budget.untilLastMs));
    let all = true;
    try {
      for await (const chunk of chunks) {
        if (!(await this.#hasRoom()) || !this.#budget.allows(this.#chunkRows, this.#load)) {
          all = false;
          break;
        }
        this.#begin(chunk);
      }
      await Promise.all(this.#underWay);
      if (this.#failure === undefined) return all;
      if (this.#failure instanceof ChunkError && this.#failure.code === 'given-up') return false;
      throw this.#failure;
    } finally {
      clearTimeout(end);
    }
  }

  /** Waits until the fetcher will soon be short of rows. False: nothing more is to be begun. */
  async #hasRoom(): Promise<boolean> {
    while (!this.#isOver && this.#load.pending - this.#fetcher.busy > this.#slots) await sleep(LOOK_MS);
    return !this.#isOver;
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#failure !== undefined;
  }

  get #load(): Load {
    const { pending, inFlight } = this.#fetcher;
    return { begun: this.#begun, pending: pending + this.#unread, inFlight };
  }

  #begin({ chunk, rows }: Chunk): void {
    this.#begun += rows.length;
    this.#unread += rows.length;
    const fetched = this.#fetcher.fetch({ chunk, round: this.#round, rows: this.#read(rows) }).then(
      ({ already }: ChunkDone) => {
        if (!already) this.written++;
      },
      (error: unknown) => {
        this.#failure ??= error;
      },
    );
    const done = fetched.finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async *#read(rows: readonly ChunkRow[]): AsyncGenerator<ChunkRow> {
    this.#unread -= rows.length;
    yield* rows;
  }
}
