import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  type Executed,
  type Execution,
  evenShareOf,
  executedOf,
  type Shares,
  type Watcher,
} from '../execute/index.ts';
import {
  asksAnswers,
  type ChunkRow,
  type DistributedOrder,
  type DistributedRun,
  type Distribution,
  howOf,
  type Report,
  ReportError,
} from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import { chunkRowsFor } from './chunk-size.ts';
import { listChunks } from './collector.ts';
import { describeRun, type SharedRun, shareRun } from './description.ts';
import type { ChunkFetcher } from './fetcher.ts';
import { openChunkFetcher } from './open.ts';
import { agreeOnRows } from './planned.ts';

/** One of the processes that divide a run among them. `number`: from 1. */
export type Shard = NonNullable<Distribution['shard']>;

/** The next chunk is begun when no more rows are at hand than a chunk's, or than twice what may be in flight, and these. */
const LEAST_AT_HAND = 16;

/**
 * Fetches every `of`-th chunk of a run and writes its file to a storage, without help from other processes. It fetches no
 * chunk that has a file, so a shard that was killed can be started again with the same command.
 */
export class ShardDistribution implements Distribution {
  readonly shard: Shard;
  /** Chunks that had been fetched before. */
  already = 0;
  written = 0;
  readonly #storage: Storage;
  readonly #version: string;
  #shared: SharedRun | null = null;
  #scratch = '';

  constructor(shard: Shard, storage: Storage, version: string) {
    this.shard = shard;
    this.#storage = storage;
    this.#version = version;
  }

  /** Where the run is, for people. */
  get place(): string {
    return `${this.#storage.url}/${this.#shared!.description.run}`;
  }

  async begin({ report, folder, begunAt }: DistributedRun): Promise<{ startedUs: number }> {
    refuseUndividable(report, this.shard);
    const run = runOfShards(report);
    const chunkRows = chunkRowsFor(report.limits, this.shard.of);
    const mine = await describeRun(report, { run, version: this.#version, begunAt, chunkRows });
    const description = await shareRun(this.#storage, mine);
    this.#shared = { description, report, storage: this.#storage };
    this.#scratch = join(folder, 'chunks');
    return { startedUs: begunAt * 1000 };
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    const { shard } = this;
    return new ShardExecution(order, watcher, this.#shared!, shard, this.#scratch, (isNew) => {
      if (isNew) this.written++;
      else this.already++;
    });
  }

  async end(): Promise<void> {}
}

/** The name of a run that is divided by its shards alone: all of them know it. */
export function runOfShards({ name }: Report): string {
  return name.replaceAll(/[^\w-]+/g, '-');
}

/** @throws ReportError for a report that no process can fetch a part of by itself */
function refuseUndividable(report: Report, { of }: Shard): void {
  const { file, requests } = report;
  for (const [at, request] of requests.entries()) {
    const { line, column } = request.place;
    if (asksAnswers(request, requests.slice(0, at)))
      throw new ReportError(
        `${file}:${line}:${column}: the rows of '${request.name}' come out of answers, and a shard has only its own. ` +
          'Use --queue, or fetch it in a report of its own when the shards have ended.',
      );
  }
  const least = leastOf(report);
  if (least.value < of)
    throw new ReportError(
      `${file}: ${of} shards can't share ${least.name}, which is ${least.value}: each needs at least 1. Use fewer shards.`,
    );
}

function leastOf({ limits: { concurrency, perOrigin } }: Report): {
  readonly name: string;
  readonly value: number;
} {
  const all = [
    { name: 'limits.concurrency', value: concurrency },
    ...perOrigin.map(([pattern, value]) => ({ name: `limits.perOrigin of '${pattern}'`, value })),
  ];
  return all.reduce((least, other) => (other.value < least.value ? other : least));
}

/** The chunks of one request that are a shard's. */
class ShardExecution implements Execution {
  readonly finished: Promise<Executed>;
  readonly #order: DistributedOrder;
  readonly #shared: SharedRun;
  readonly #shard: Shard;
  readonly #told: (isNew: boolean) => void;
  readonly #under = new Set<Promise<void>>();
  #fetcher: ChunkFetcher | null = null;
  #wish: 'go on' | 'stop' | 'abort' = 'go on';
  #failure: unknown;
  #results = 0;

  constructor(
    order: DistributedOrder,
    watcher: Watcher,
    shared: SharedRun,
    shard: Shard,
    scratch: string,
    told: (isNew: boolean) => void,
  ) {
    this.#order = order;
    this.#shared = shared;
    this.#shard = shard;
    this.#told = told;
    const counting: Watcher = {
      records: watcher.records,
      took: (took) => {
        this.#results++;
        watcher.took(took);
      },
    };
    this.finished = this.#run(counting, scratch);
  }

  get inFlight(): number {
    return this.#fetcher?.inFlight ?? 0;
  }

  stop(): void {
    if (this.#wish === 'go on') this.#wish = 'stop';
    this.#fetcher?.stop();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#fetcher?.abort();
  }

  async #run(watcher: Watcher, scratch: string): Promise<Executed> {
    const { request, round, planned } = this.#order;
    const { storage, description, report } = this.#shared;
    const { number, of } = this.#shard;
    await agreeOnRows(this.#shared, planned);
    const there = new Set<number>();
    for await (const chunk of listChunks(storage, description.run, request.name, round)) there.add(chunk);
    const limits: Shares = evenShareOf(howOf(request, report, { ca: null }).options, number - 1, of);
    const worker = { id: `shard ${number}/${of}`, host: hostname() };
    const fetcher = await openChunkFetcher(this.#shared, request.name, { limits, worker, scratch, watcher });
    this.#fetcher = fetcher;
    try {
      for await (const { chunk, rows } of this.#order.chunks(description.chunkRows)) {
        if (chunk % of !== number - 1) continue;
        if (this.#wish !== 'go on' || this.#failure !== undefined) break;
        if (there.has(chunk)) this.#told(false);
        else this.#fetch(fetcher, chunk, rows);
        await fetcher.room(Math.max(description.chunkRows, 2 * limits.concurrency + LEAST_AT_HAND));
      }
      await Promise.all(this.#under);
    } finally {
      if (this.#failure !== undefined || this.#wish === 'abort') fetcher.abort();
    }
    const end = await fetcher.close();
    const executed = executedOf([end], this.#results);
    if (this.#failure === undefined || this.#wish !== 'go on')
      return { ...executed, stopped: this.#wish !== 'go on' };
    return { ...executed, stopped: true, storeFault: this.#failure as Error };
  }

  #fetch(fetcher: ChunkFetcher, chunk: number, rows: readonly ChunkRow[]): void {
    const fetched = fetcher
      .fetch({ chunk, round: this.#order.round, rows: each(rows) })
      .then(({ already }) => this.#told(!already))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#under.delete(fetched));
    this.#under.add(fetched);
  }
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
