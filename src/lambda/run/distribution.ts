import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  type ChunkFetcher,
  Collector,
  describeRun,
  listChunks,
  openChunkFetcher,
  type SharedRun,
  shareRun,
} from '../../chunks/index.ts';
import type { Executed, Execution, Watcher } from '../../execute/index.ts';
import { version } from '../../package/index.ts';
import type { Chunk, DistributedOrder, DistributedRun, Distribution } from '../../report/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { Budget } from './budget.ts';
import { ChunkFeed } from './chunk-feed.ts';
import { chunkRowsFor } from './settings.ts';

/** Chunk files that are read at once. */
const AT_ONCE = 16;

/** What an invocation fetches with. */
export interface Means {
  readonly storage: Storage;
  readonly budget: Budget;
  /** null: by the report's limits. */
  readonly chunkRows: number | null;
  /** Of this process alone. */
  readonly scratch: string;
  readonly requestId: string;
  /** Keeps the plan of the run, before anything is fetched. */
  savePlan(): Promise<void>;
}

/** Fetches what an invocation has time for. What is left then, the next one fetches; the last one brings all of it home. */
export class InvocationDistribution implements Distribution {
  readonly #means: Means;
  readonly #executions: RequestExecution[] = [];
  #shared: SharedRun | null = null;

  constructor(means: Means) {
    this.#means = means;
  }

  /** There is something left to be done. */
  get isLeft(): boolean {
    return this.#executions.some(({ isLeft }) => isLeft);
  }

  /** Chunk files that this invocation has written. */
  get written(): number {
    return this.#executions.reduce((sum, { written }) => sum + written, 0);
  }

  /** Of the run; null before it has begun. */
  get chunkRows(): number | null {
    return this.#shared?.description.chunkRows ?? null;
  }

  async begin({ id, report, begunAt }: DistributedRun): Promise<{ readonly startedUs: number }> {
    const { storage, chunkRows, budget } = this.#means;
    const rows = chunkRows ?? chunkRowsFor(report.limits, budget.wholeMs);
    const facts = { run: id, version: version(), begunAt, chunkRows: rows };
    const description = await shareRun(storage, await describeRun(report, facts));
    this.#shared = { description, report, storage };
    return { startedUs: begunAt * 1000 };
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    const execution = new RequestExecution(this.#means, this.#shared!, order, watcher, () => this.written);
    this.#executions.push(execution);
    return execution;
  }

  async end(): Promise<void> {}
}

/** One request, as far as this invocation comes with it. */
class RequestExecution implements Execution {
  readonly finished: Promise<Executed>;
  isLeft = false;
  readonly #means: Means;
  readonly #shared: SharedRun;
  readonly #order: DistributedOrder;
  /** Chunk files of all requests that this invocation has written. */
  readonly #writtenInAll: () => number;
  #fetcher: ChunkFetcher | null = null;
  #feed: ChunkFeed | null = null;
  #isAborted = false;

  constructor(
    means: Means,
    shared: SharedRun,
    order: DistributedOrder,
    watcher: Watcher,
    writtenInAll: () => number,
  ) {
    this.#means = means;
    this.#writtenInAll = writtenInAll;
    this.#shared = shared;
    this.#order = order;
    this.finished = this.#run(watcher);
  }

  get inFlight(): number {
    return this.#fetcher?.inFlight ?? 0;
  }

  get written(): number {
    return this.#feed?.written ?? 0;
  }

  stop(): void {
    this.#feed?.stop();
  }

  /** At the deadline of the report: tables are made of what there is. */
  abort(): void {
    this.#isAborted = true;
    this.#feed?.stop();
    this.#fetcher?.abort();
  }

  async #run(watcher: Watcher): Promise<Executed> {
    const { storage, savePlan, budget } = this.#means;
    const { run } = this.#shared.description;
    await savePlan();
    const isWhole = await this.#fetch();
    // One that had nothing to fetch has as much time as the next one will have.
    const hasTime = budget.allowsCrunch || this.#writtenInAll() === 0;
    this.isLeft = !this.#isAborted && !(isWhole && hasTime);
    const collector = new Collector({ storage, run }, this.#order, watcher);
    if (!this.isLeft) await atOnce(AT_ONCE, this.#there(), (chunk) => collector.bring(chunk));
    return collector.executed(this.isLeft || this.#isAborted);
  }

  /** Returns whether every chunk has its file. */
  async #fetch(): Promise<boolean> {
    const { budget, scratch, requestId } = this.#means;
    const { request, round, chunks } = this.#order;
    const { concurrency } = this.#shared.report.limits;
    const { chunkRows } = this.#shared.description;
    const there = new Set<number>();
    for await (const chunk of this.#there()) there.add(chunk);
    const fetcher = await openChunkFetcher(this.#shared, request.name, {
      limits: { concurrency },
      worker: { id: requestId, host: hostname() },
      scratch: join(scratch, 'spool'),
    });
    this.#fetcher = fetcher;
    this.#feed = new ChunkFeed(fetcher, budget, { chunkRows, slots: concurrency, round });
    if (this.#isAborted) this.#feed.stop();
    budget.began();
    try {
      return await this.#feed.run(without(there, chunks(chunkRows)));
    } finally {
      fetcher.abort();
      await fetcher.close();
    }
  }

  #there(): AsyncIterable<number> {
    const { request, round } = this.#order;
    return listChunks(this.#means.storage, this.#shared.description.run, request.name, round);
  }
}

async function* without(there: ReadonlySet<number>, chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) if (!there.has(chunk.chunk)) yield chunk;
}

/** Works on all items, several at once. */
async function atOnce<Item>(
  count: number,
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const worker = async () => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
