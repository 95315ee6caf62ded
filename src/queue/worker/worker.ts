import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nowUs } from '../../record/index.ts';
import { asked, atTheBeginning, QueueError } from '../error.ts';
import { goodbye } from '../goodbye.ts';
import { Heartbeat } from '../heartbeat.ts';
import { ChunkTaker, type Taken } from '../jobs/chunk-taker.ts';
import type { ChunkJob } from '../jobs/job.ts';
import { ClockOffset } from '../ledger/clock.ts';
import { TIMINGS, type Timings } from '../ledger/timings.ts';
import { openServer } from '../servers/open.ts';
import type { QueueServer } from '../servers/server.ts';
import { RunWork, type Self } from './run-work.ts';

/** How a worker works. */
export interface WorkerOptions {
  /** URL of the queue. */
  readonly queue: string;
  /** Of this abreast. */
  readonly version: string;
  /** Variables of reports. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** GETs in flight; null: as many as a run has. */
  readonly concurrency: number | null;
  /** It ends when it had nothing to do for this long; null: never. */
  readonly idleMs: number | null;
  readonly tell: (event: WorkerEvent) => void;
}

/** What a worker tells while it works. */
export type WorkerEvent =
  | { readonly event: 'ready'; readonly queue: string }
  | ({ readonly event: 'fetched'; readonly run: string; readonly request: string; readonly chunk: number } & {
      readonly rows: number;
      readonly failed: number;
    })
  /** It can't work on a run; null: it can, after all. */
  | { readonly event: 'cannot'; readonly run: string; readonly why: string | null }
  /** What keeps the queue's server from being used, after its name; null: it is there again. */
  | { readonly event: 'away'; readonly why: string | null }
  | { readonly event: 'idle' };

/** A worker under way. */
export interface WorkerRun {
  /** Fails with a QueueError where the queue can't be used. */
  readonly finished: Promise<{ readonly chunks: number; readonly rows: number }>;
  progress(): { readonly inFlight: number; readonly chunks: number; readonly rows: number };
  /** Takes nothing new, and finishes the chunks that it has. */
  stop(): void;
  /** Gives back what it has. */
  abort(): void;
}

/** A run of which nothing came for this long is left. */
const LEFT_MS = 60_000;
/** With locks by the workers' own clocks, one that is wrong by more than this may lose its chunks, or take others'. */
const MOST_OFF_MS = 5000;

/** Starts a worker. `timings`: shorter ones for tests. */
export function startWorker(options: WorkerOptions, timings: Timings = TIMINGS): WorkerRun {
  return new QueueWorker(options, timings);
}

class QueueWorker implements WorkerRun {
  readonly finished: WorkerRun['finished'];
  readonly #options: WorkerOptions;
  readonly #timings: Timings;
  readonly #clock = new ClockOffset();
  readonly #runs = new Map<string, { readonly work: RunWork; heardMs: number }>();
  readonly #over = Promise.withResolvers<void>();
  #taker: ChunkTaker | null = null;
  #chunks = 0;
  #rows = 0;
  #isAborted = false;

  constructor(options: WorkerOptions, timings: Timings) {
    this.#options = options;
    this.#timings = timings;
    this.finished = this.#run();
  }

  progress() {
    const works = [...this.#runs.values()].map(({ work }) => work);
    const inFlight = works.reduce((sum, work) => sum + work.inFlight, 0);
    return { inFlight, chunks: this.#chunks, rows: this.#rows };
  }

  stop(): void {
    this.#over.resolve();
  }

  abort(): void {
    this.#isAborted = true;
    for (const { work } of this.#runs.values()) work.abort();
    this.#over.resolve();
  }

  async #run(): Promise<{ chunks: number; rows: number }> {
    const server = await openServer(this.#options.queue);
    const scratch = await mkdtemp(join(tmpdir(), 'abreast-worker-'));
    try {
      await this.#refuseWrongClock(server);
      await this.#work(server, scratch);
      return { chunks: this.#chunks, rows: this.#rows };
    } catch (error) {
      throw atTheBeginning(error, server.address.shown);
    } finally {
      await Promise.allSettled([server.close(), rm(scratch, { recursive: true, force: true })]);
    }
  }

  async #work(server: QueueServer, scratch: string): Promise<void> {
    const self = this.#self(scratch);
    const taker = new ChunkTaker(server, (job) => this.#take(server, self, job), this.#timings);
    this.#taker = taker;
    await asked(taker.ready());
    this.#options.tell({ event: 'ready', queue: server.address.shown });
    const beating = new Heartbeat(
      () => this.#beatAll(server),
      this.#timings.beatMs,
      (why) => this.#options.tell({ event: 'away', why }),
    );
    await this.#over.promise;
    await taker.close(() => this.#chunksUnderWay() > 0);
    beating.stop();
    await goodbye(Promise.allSettled([...this.#runs.values()].map(({ work }) => work.leave())));
  }

  #self(scratch: string): Self {
    const { version, env } = this.#options;
    const id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    return { id, version, env, scratch, timings: this.#timings };
  }

  async #take(server: QueueServer, self: Self, job: ChunkJob): Promise<Taken> {
    const work = this.#workOn(server, self, job.run);
    if (this.#isAborted) return 'later';
    try {
      return await work.take(job);
    } catch (error) {
      // What is thrown here is kept in the queue: no word in it may be a secret.
      throw new Error(`${(error as Error).name} of a worker`);
    }
  }

  #workOn(server: QueueServer, self: Self, run: string): RunWork {
    const known = this.#runs.get(run);
    if (known !== undefined) {
      known.heardMs = performance.now();
      return known.work;
    }
    const work = new RunWork(server, run, self, this.#clock, {
      cannot: (run, why) => this.#options.tell({ event: 'cannot', run, why }),
      fetched: ({ run, request, chunk }, rows, failed) => {
        this.#chunks++;
        this.#rows += rows;
        this.#options.tell({ event: 'fetched', run, request, chunk, rows, failed });
      },
      isDrained: () => this.#taker?.isDrained ?? false,
      most: () => this.#mostOfEach(),
    });
    this.#runs.set(run, { work, heardMs: performance.now() });
    return work;
  }

  /** Its own limit is divided among the runs that it works on. */
  #mostOfEach(): number {
    const { concurrency } = this.#options;
    if (concurrency === null) return Number.POSITIVE_INFINITY;
    const busy = [...this.#runs.values()].filter(({ work }) => work.chunks > 0).length;
    return Math.max(1, Math.floor(concurrency / Math.max(1, busy)));
  }

  #chunksUnderWay(): number {
    return [...this.#runs.values()].reduce((sum, { work }) => sum + work.chunks, 0);
  }

  /** Tells every run of itself, and takes as many chunks as it has room for. */
  async #beatAll(server: QueueServer): Promise<void> {
    try {
      if (this.#runs.size === 0) await server.documents.read('clock');
      await Promise.all([...this.#runs].map(([run, { work, heardMs }]) => this.#beat(run, work, heardMs)));
    } finally {
      this.#taker!.resize([...this.#runs.values()].reduce((sum, { work }) => sum + work.room, 0));
    }
    this.#endIdle();
  }

  async #beat(run: string, work: RunWork, heardMs: number): Promise<void> {
    if (work.chunks === 0 && performance.now() - heardMs > LEFT_MS) {
      this.#runs.delete(run);
      await work.leave();
    } else if (!(await work.beat()) && work.chunks === 0) this.#runs.delete(run);
  }

  #endIdle(): void {
    const { idleMs, tell } = this.#options;
    if (idleMs === null || this.#chunksUnderWay() > 0) return;
    if (performance.now() - this.#taker!.lastBusyMs < idleMs) return;
    tell({ event: 'idle' });
    this.stop();
  }

  async #refuseWrongClock(server: QueueServer): Promise<void> {
    if (!server.locksByOwnClock) return;
    const beforeMs = Date.now();
    const { nowUs: serverUs } = await server.documents.read('clock');
    const afterMs = Date.now();
    this.#clock.measured(nowUs() - (afterMs - beforeMs) * 1000, serverUs, nowUs());
    const aheadMs = (beforeMs + afterMs) / 2 - serverUs / 1000;
    if (Math.abs(aheadMs) - (afterMs - beforeMs) / 2 <= MOST_OFF_MS) return;
    throw new QueueError(
      `the clock of this machine is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} that of ` +
        `${server.address.shown}, by which it would take chunks that others work on. Set it, or use a queue on Redis.`,
    );
  }
}
