import { hostname } from 'node:os';
import { join } from 'node:path';
import {
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
  /** null: by the report's concurrency. */
  readonly chunkRows: number | null;
  /** Of this process alone. */
  readonly scratch: string;
  readonly requestId: string;
  /** Keeps the plan of the run, before anything is fetched. */
  savePlan(): Promise<void>;
}

/** Fetches what an invocation has time for. What is left then, the next one fetches; the last one brings all of it home. */
export class InvocationDistribution implements Distribution {
  /** There is something left to be done. */
  isLeft = false;
  /** Chunk files that this invocation has written. */
  written = 0;
  readonly #means: Means;
  #shared: SharedRun | null = null;

  constructor(means: Means) {
    this.#means = means;
  }

  async begin({ id, report, begunAt }: DistributedRun): Promise<{ readonly startedUs: number }> {
    const { storage, chunkRows } = this.#means;
    const rows = chunkRows ?? chunkRowsFor(report.limits.concurrency);
    const facts = { run: id, version: version(), begunAt, chunkRows: rows };
    const description = await shareRun(storage, await describeRun(report, facts));
    this.#shared = { description, report, storage };
    return { startedUs: begunAt * 1000 };
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    let feed: ChunkFeed | null = null;
    let fetcher: Awaited<ReturnType<typeof openChunkFetcher>> | null = null;
    let isAborted = false;
    const run = async (): Promise<Executed> => {
      const { storage, budget, scratch, requestId, savePlan } = this.#means;
      const { description, report } = this.#shared!;
      const { run, chunkRows } = description;
      const { request, round } = order;
      await savePlan();
      const there = new Set<number>();
      for await (const chunk of listChunks(storage, run, request.name, round)) there.add(chunk);
      const { concurrency } = report.limits;
      fetcher = await openChunkFetcher(this.#shared!, request.name, {
        limits: { concurrency },
        worker: { id: requestId, host: hostname() },
        scratch: join(scratch, 'spool'),
      });
      feed = new ChunkFeed(fetcher, budget, { chunkRows, slots: concurrency, round });
      if (isAborted) feed.stop();
      budget.began();
      try {
        const whole = await feed.run(missing(order.chunks(chunkRows), there));
        this.isLeft = !isAborted && !(whole && budget.allowsCrunch);
      } finally {
        this.written += feed.written;
        fetcher.abort();
        await fetcher.close();
      }
      const collector = new Collector({ storage, run }, order, watcher);
      if (!this.isLeft)
        await atOnce(AT_ONCE, listChunks(storage, run, request.name, round), (chunk) =>
          collector.bring(chunk),
        );
      return collector.executed(this.isLeft || isAborted);
    };
    return {
      get inFlight() {
        return fetcher?.inFlight ?? 0;
      },
      stop: () => feed?.stop(),
      // At the deadline of the report: tables are made of what there is.
      abort: () => {
        isAborted = true;
        feed?.stop();
        fetcher?.abort();
      },
      finished: run(),
    };
  }

  /** Of the run; null before it has begun. */
  get chunkRows(): number | null {
    return this.#shared?.description.chunkRows ?? null;
  }

  async end(): Promise<void> {}
}

async function* missing(chunks: AsyncIterable<Chunk>, there: ReadonlySet<number>): AsyncGenerator<Chunk> {
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
