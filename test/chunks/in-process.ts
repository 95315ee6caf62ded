import { join } from 'node:path';
import {
  type ChunkRef,
  Collector,
  describeRun,
  listChunks,
  openChunkFetcher,
  openSharedRun,
  readChunkRows,
  type SharedRun,
  shareRun,
  writeChunkRows,
} from '../../src/chunks/index.ts';
import type { Execution, Watcher } from '../../src/execute/index.ts';
import type { DistributedOrder, DistributedRun, Distribution } from '../../src/report/index.ts';
import type { Storage } from '../../src/storage/index.ts';

/** What a test may do between the steps of a chunk. It dies where it throws. */
export interface Steps {
  readonly chunkRows?: number;
  /** How many workers fetch at once. */
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  handedOut?(ref: ChunkRef, attempt: () => Promise<unknown>): Promise<unknown>;
  beforeBring?(chunk: number): void;
}

/** Lets workers of this process fetch, which know no more than the storage. */
export class InProcess implements Distribution {
  run: SharedRun | null = null;
  isFinished: boolean | null = null;
  readonly #storage: Storage;
  readonly #scratch: string;
  readonly #steps: Steps;

  constructor(storage: Storage, scratch: string, steps: Steps = {}) {
    this.#storage = storage;
    this.#scratch = scratch;
    this.#steps = steps;
  }

  async begin({ id, report, begunAt }: DistributedRun) {
    const { chunkRows = 10, env = {} } = this.#steps;
    const description = await describeRun(report, { run: id, version: '0', begunAt, chunkRows });
    await shareRun(this.#storage, description);
    this.run = await openSharedRun(this.#storage, id, env);
    return { startedUs: begunAt * 1000 };
  }

  execute(order: DistributedOrder, watcher: Watcher): Execution {
    return { inFlight: 0, stop() {}, abort() {}, finished: this.#execute(order, watcher) };
  }

  async end(finished: boolean) {
    this.isFinished = finished;
  }

  async #execute(order: DistributedOrder, watcher: Watcher) {
    const { description } = this.run!;
    const { run, chunkRows } = description;
    const request = order.request.name;
    const collector = new Collector({ storage: this.#storage, run }, order, watcher);
    for await (const chunk of listChunks(this.#storage, run, request, order.round)) {
      this.#steps.beforeBring?.(chunk);
      await collector.bring(chunk);
    }
    const refs: ChunkRef[] = [];
    for await (const { chunk, rows } of order.chunks(chunkRows)) {
      if ((await collector.bring(chunk)) !== null) continue;
      const ref = { request, chunk, round: order.round };
      await writeChunkRows(this.#storage, run, ref, rows);
      refs.push(ref);
    }
    await this.#fetchAll(refs);
    for (const { chunk } of refs) {
      this.#steps.beforeBring?.(chunk);
      await collector.bring(chunk);
    }
    return collector.executed(false);
  }

  async #fetchAll(refs: readonly ChunkRef[]): Promise<void> {
    const { workers = 2, handedOut = (_: ChunkRef, attempt: () => Promise<unknown>) => attempt() } =
      this.#steps;
    if (refs.length === 0) return;
    const storage = this.#storage;
    const { run } = this.run!.description;
    const fetchers = await Promise.all(
      Array.from({ length: workers }, (_, i) =>
        openChunkFetcher(this.run!, refs[0]!.request, {
          limits: { concurrency: 5 },
          worker: { id: `w${i}`, host: 'here' },
          scratch: join(this.#scratch, `w${i}`),
        }),
      ),
    );
    try {
      await Promise.all(
        refs.map((ref, i) =>
          handedOut(ref, () =>
            fetchers[i % workers]!.fetch({ ...ref, rows: readChunkRows(storage, run, ref) }),
          ),
        ),
      );
    } finally {
      for (const fetcher of fetchers) fetcher.abort();
      await Promise.all(fetchers.map((fetcher) => fetcher.close()));
    }
  }
}
