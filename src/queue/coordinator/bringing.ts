import { type Clock, Collector, listChunks, type SharedRun } from '../../chunks/index.ts';
import type { Executed, Watcher } from '../../execute/index.ts';
import { type DistributedOrder, freeingBuffers } from '../../report/index.ts';
import { isPassing } from '../error.ts';
import { WhoFetched } from './who-fetched.ts';

/** Chunks that are brought home at the same time: each is unpacked in memory. */
const AT_ONCE = 4;

/** The chunks of one request, with their rows: those that workers are to fetch, and those that were brought home. */
export class Bringing {
  /** In the queue, or with a worker. */
  readonly pending = new Set<number>();
  readonly fetched = new WhoFetched();
  /** Rows that are not home; of them, those that are in no chunk of the queue yet. */
  rowsLeft: number;
  rowsToPlan: number;
  /** When a chunk last came. performance.now(). */
  cameMs = performance.now();
  readonly #shared: SharedRun;
  readonly #order: DistributedOrder;
  readonly #collector: Collector;
  readonly #home = new Set<number>();
  readonly #free = freeingBuffers();
  #told: number[] = [];

  constructor(order: DistributedOrder, watcher: Watcher, shared: SharedRun, clock: Clock | null) {
    this.#order = order;
    this.#shared = shared;
    this.rowsLeft = order.planned.count - order.parts.done.count;
    this.rowsToPlan = this.rowsLeft;
    const { storage, description } = shared;
    this.#collector = new Collector({ storage, run: description.run }, order, watcher, { clock });
  }

  /** A chunk goes into the queue. Returns false for one that is home already. */
  plan(chunk: number, rows: number): boolean {
    if (this.#home.has(chunk)) return false;
    this.pending.add(chunk);
    this.rowsToPlan -= rows;
    this.#free(rows);
    return true;
  }

  /** A worker says that a chunk has a file. */
  tell(chunk: number): void {
    this.#told.push(chunk);
  }

  /** Brings home what workers told of. */
  async bringTold(): Promise<void> {
    while (this.#told.length > 0)
      await this.bring(this.#told.splice(0, AT_ONCE).filter((chunk) => this.pending.has(chunk)));
  }

  /** Brings home all chunks that have a file in the storage. */
  async bringThere(): Promise<void> {
    const { storage, description } = this.#shared;
    const { request, round } = this.#order;
    let some: number[] = [];
    for await (const chunk of listChunks(storage, description.run, request.name, round)) {
      if (this.#home.has(chunk)) continue;
      some.push(chunk);
      if (some.length < AT_ONCE) continue;
      await this.bring(some);
      some = [];
    }
    await this.bring(some);
  }

  /** Brings home those of these chunks that have a file. */
  async bring(chunks: readonly number[]): Promise<void> {
    await Promise.all(
      chunks.map(async (chunk) => {
        const brought = await this.#collector.bring(chunk).catch(nullIfPassing);
        if (brought === null || this.#home.has(chunk)) return;
        this.#home.add(chunk);
        this.rowsLeft -= brought.rows;
        this.fetched.add(brought.worker);
        if (!this.pending.delete(chunk)) this.rowsToPlan -= brought.rows;
        this.cameMs = performance.now();
        this.#free(brought.rows);
      }),
    );
  }

  /** The sums over all chunks that are home. */
  executed(stopped: boolean): Executed {
    return this.#collector.executed(stopped);
  }
}

function nullIfPassing(error: unknown): null {
  if (isPassing(error)) return null;
  throw error;
}
