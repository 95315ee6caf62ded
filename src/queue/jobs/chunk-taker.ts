import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, WaitingError, type Worker } from 'bullmq';
import { goodbye } from '../goodbye.ts';
import type { Timings } from '../ledger/timings.ts';
import type { QueueServer } from '../servers/server.ts';
import { bullWorker } from './bull.ts';
import { type ChunkJob, MOST_STALLED } from './job.ts';

/** What became of a chunk that was taken: 'later' gives it back to the queue, for others. */
export type Taken = 'done' | 'later';

/** After a chunk was given back this worker takes none, so that another one can have it. */
const GIVEN_BACK_MS = 1000;

/** The queue, as a worker sees it: it takes chunks, as many at once as it has room for. */
export class ChunkTaker {
  readonly #work: (job: ChunkJob) => Promise<Taken>;
  readonly #worker: Worker<ChunkJob>;
  #isClosing = false;
  #isAlone = false;
  #active = 0;
  #ended = Promise.withResolvers<void>();
  /** Whether nothing waited when it last asked. */
  isDrained = false;
  /** When it last had something to do. performance.now(). */
  lastBusyMs = performance.now();

  /** `work` may fail: the chunk is given to another worker then, a few times. */
  constructor(server: QueueServer, work: (job: ChunkJob) => Promise<Taken>, { lockMs, stalledMs }: Timings) {
    this.#work = work;
    this.#worker = bullWorker(server, (job, token) => this.#process(job, token!), {
      concurrency: 1,
      lockDuration: lockMs,
      stalledInterval: stalledMs,
      maxStalledCount: MOST_STALLED,
      // Its default is 15 s, in which a worker would stand still after the server was away for a moment.
      runRetryDelay: 1000,
    });
    this.#worker.on('drained', () => {
      this.isDrained = true;
    });
    this.#worker.on('active', () => {
      this.isDrained = false;
    });
    this.#worker.on('error', () => this.#watchAgain());
  }

  ready(): Promise<unknown> {
    return this.#worker.waitUntilReady();
  }

  /** How many chunks may be under way at once. */
  resize(chunks: number): void {
    const before = this.#worker.concurrency;
    this.#worker.concurrency = Math.max(1, chunks);
    // It looks at the number when a chunk ends; this makes it look now.
    if (chunks > before) void this.#rest(0);
  }

  /** Takes nothing new; returns when what was taken is settled, for as long as that may last. */
  async close(mayLast = () => this.#active > 0): Promise<void> {
    this.#isClosing = true;
    await goodbye(this.#worker.pause(), mayLast);
    // Without force it would wait for a server that is gone.
    await goodbye(this.#worker.close(true));
  }

  async #process(job: Job<ChunkJob>, token: string): Promise<void> {
    this.#active++;
    this.lastBusyMs = performance.now();
    try {
      if ((await this.#taken(job)) === 'done') return;
    } finally {
      this.#active--;
      this.lastBusyMs = performance.now();
      this.#ended.resolve();
      this.#ended = Promise.withResolvers();
    }
    void this.#rest(GIVEN_BACK_MS);
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** A chunk whose worker died may have been the reason: it is worked on alone, so that no other one is blamed for it. */
  async #taken({ data, stalledCounter }: Job<ChunkJob>): Promise<Taken> {
    if (this.#isAlone) return 'later';
    if (stalledCounter === 0) return this.#work(data);
    this.#isAlone = true;
    try {
      await this.#worker.pause(true);
      while (this.#active > 1) await this.#ended.promise;
      return await this.#work(data);
    } finally {
      this.#isAlone = false;
      if (!this.#isClosing) await this.#worker.resume();
    }
  }

  async #rest(ms: number): Promise<void> {
    await this.#worker.pause(true);
    await sleep(ms);
    if (!this.#isClosing && !this.#isAlone) await this.#worker.resume();
  }

  /** BullMQ stops looking for stalled chunks at errors that it does not take for those of a connection. */
  #watchAgain(): void {
    setTimeout(() => {
      // What fails comes back here as an event of the worker.
      if (!this.#isClosing) this.#worker.startStalledCheckTimer().catch(() => {});
    }, 1000).unref();
  }
}
