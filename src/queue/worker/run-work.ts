import { hostname } from 'node:os';
import {
  ChunkError,
  type ChunkFetcher,
  openChunkFetcher,
  openSharedRun,
  readChunkRows,
  type SharedRun,
} from '../../chunks/index.ts';
import { CHUNK_ROWS } from '../../execute/index.ts';
import { nowUs } from '../../record/index.ts';
import { openStorage, StorageError } from '../../storage/index.ts';
import { QueueError, ServerError } from '../error.ts';
import type { Taken } from '../jobs/chunk-taker.ts';
import { type ChunkJob, idOf } from '../jobs/job.ts';
import type { ClockOffset } from '../ledger/clock.ts';
import { Ledger, type RunState } from '../ledger/ledger.ts';
import { inUseOf, limitsOf } from '../ledger/limits.ts';
import { Membership, type Sharer } from '../ledger/membership.ts';
import { CONCURRENCY } from '../ledger/shares.ts';
import type { Timings } from '../ledger/timings.ts';
import type { QueueServer } from '../servers/server.ts';
import { Patience } from './patience.ts';

/** A worker, as all its runs know it. */
export interface Self {
  readonly id: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly scratch: string;
  readonly timings: Timings;
}

/** What a worker hears of its work on a run. */
export interface WorkListener {
  /** It can't work on the run; null: it can, after all. */
  cannot(run: string, why: string | null): void;
  fetched(job: ChunkJob, rows: number, failed: number): void;
  /** Whether nothing waits in the queue. */
  isDrained(): boolean;
  /** GETs in flight that it may want; the run's own limit is looked at besides. */
  most(): number;
}

/** A chunk that was offered is wanted for this long, even where there is no share for it yet. */
const OFFERED_MS = 3000;
/** More than there are between two readings of the coordinator; what it misses it looks for itself. */
const MOST_FINISHED = 20;
/** Of very many origins only the longest pauses are told: the document is to stay small. */
const MOST_PAUSES = 50;

/** The work of one worker on one run: chunks in, chunk files out, within its share of the run's limits. */
export class RunWork {
  readonly #self: Self;
  readonly #run: string;
  readonly #clock: ClockOffset;
  readonly #listener: WorkListener;
  readonly #membership: Membership;
  #shared: Promise<SharedRun> | null = null;
  #fetcher: { readonly request: string; readonly opened: Promise<ChunkFetcher> } | null = null;
  #open: ChunkFetcher | null = null;
  #offeredMs = Number.NEGATIVE_INFINITY;
  #chunks = 0;
  #done = 0;
  #finished: string[] = [];
  #cannot: string | null = null;
  /** It has read the run, and has all that the run needs: before that it asks for no share. */
  #isAble = false;
  /** After failures of this worker it takes no chunk before this time, since each try sends the chunk's requests again. */
  readonly #patience = new Patience();
  /** Of the run; not known before it was heard of. */
  #limit = 0;
  #chunkRows = CHUNK_ROWS;
  #isLeaving = false;

  constructor(server: QueueServer, run: string, self: Self, clock: ClockOffset, listener: WorkListener) {
    this.#self = self;
    this.#run = run;
    this.#clock = clock;
    this.#listener = listener;
    const who = { id: self.id, host: hostname(), pid: process.pid, version: self.version };
    const ledger = new Ledger(server.documents, run, clock);
    this.#membership = new Membership(ledger, who, this.#sharer(), self.timings);
  }

  /** GETs sent and not read. */
  get inFlight(): number {
    return this.#open?.inFlight ?? 0;
  }

  /** Chunks under way. */
  get chunks(): number {
    return this.#chunks;
  }

  /** Rows done. */
  get done(): number {
    return this.#done;
  }

  /** How many chunks keep its share busy: one more than it could be sending from. */
  get room(): number {
    const share = this.#membership.shares[CONCURRENCY] ?? 0;
    return share === 0 ? 1 : 1 + Math.ceil((2 * share) / this.#chunkRows);
  }

  /** Fetches a chunk. */
  async take(job: ChunkJob): Promise<Taken> {
    this.#offeredMs = performance.now();
    this.#chunks++;
    try {
      const state = await this.beat().catch(() => 'away' as const);
      if (state === 'away') return 'later';
      // The run is over, or ends soon. A coordinator that continues it adds the chunk again.
      if (state === null || state.wish !== 'go on') return 'done';
      if (this.#patience.isWaiting) return 'later';
      return await this.#fetch(job, state);
    } catch (error) {
      return this.#giveBack(error);
    } finally {
      this.#chunks--;
    }
  }

  /** Tells the others of itself. Returns null where there is no such run any more. */
  async beat(): Promise<RunState | null> {
    const state = await this.#membership.beat();
    this.#limit = state?.limits[CONCURRENCY] ?? 0;
    if (state === null || state.wish === 'abort') this.#giveUp();
    return state;
  }

  /** What was begun is given up, too. */
  abort(): void {
    this.#isLeaving = true;
    this.#giveUp();
  }

  /** Waits for its chunks, and gives back its share. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#closeFetcher();
    await this.#membership.leave();
  }

  async #fetch(job: ChunkJob, state: RunState): Promise<Taken> {
    if (state.version !== this.#self.version)
      throw new QueueError(
        `the run was begun by abreast ${state.version}, and this worker is abreast ${this.#self.version}: they must be the same.`,
      );
    const shared = await this.#sharedRun(job);
    this.#chunkRows = shared.description.chunkRows;
    this.#isAble = true;
    this.#tell(null);
    if (!this.#membership.hasShare) await this.beat();
    if (!this.#membership.hasShare) return 'later';
    const fetcher = await this.#fetcherOf(shared, job.request);
    // It was aborted meanwhile, when there was no fetcher to abort yet.
    if (this.#isLeaving) return 'later';
    const { chunk, round, request } = job;
    const rows = readChunkRows(shared.storage, this.#run, { request, chunk, round });
    const fetched = await fetcher.fetch({ chunk, round, rows });
    this.#patience.succeeded();
    this.#done += fetched.rows;
    this.#finished = [...this.#finished, idOf(job)].slice(-MOST_FINISHED);
    this.#listener.fetched(job, fetched.rows, fetched.failed);
    return 'done';
  }

  #giveBack(error: unknown): Taken {
    if (error instanceof ChunkError && error.code === 'given-up') return this.#isLeaving ? 'later' : 'done';
    // A server that is away is no fault of the chunk.
    if (error instanceof ServerError) return 'later';
    if (!isOfThisWorker(error)) throw error;
    // Perhaps the place of the parts is there later; and the variables may be other ones for the next run.
    this.#shared = null;
    this.#isAble = false;
    // An engine that could not write its scratch files has ended.
    if ((error as Error).name === 'StoreError') this.#giveUp();
    this.#patience.failed();
    this.#tell((error as Error).message);
    return 'later';
  }

  #tell(why: string | null): void {
    if (this.#cannot === why) return;
    this.#cannot = why;
    this.#listener.cannot(this.#run, why);
  }

  #sharedRun({ storage }: ChunkJob): Promise<SharedRun> {
    this.#shared ??= this.#openShared(storage);
    return this.#shared;
  }

  /** A place that can't be written to is found before the first request. Where the run is not, nothing is made. */
  async #openShared(place: string): Promise<SharedRun> {
    const storage = await openStorage(place);
    const shared = await openSharedRun(storage, this.#run, this.#self.env);
    await storage.probe();
    return shared;
  }

  /** The requests of a run are fetched one after the other: what is left of the one before is fetched already. */
  async #fetcherOf(shared: SharedRun, request: string): Promise<ChunkFetcher> {
    if (this.#fetcher?.request !== request) {
      this.#open?.abort();
      await this.#closeFetcher();
    }
    this.#fetcher ??= {
      request,
      opened: openChunkFetcher(shared, request, {
        limits: limitsOf(this.#membership.shares),
        worker: { id: this.#self.id, host: hostname() },
        scratch: this.#self.scratch,
        clock: () => this.#clock.at(nowUs()),
      }),
    };
    const { opened } = this.#fetcher;
    try {
      this.#open = await opened;
    } catch (error) {
      this.#fetcher = null;
      throw error;
    }
    this.#open.limit(limitsOf(this.#membership.shares));
    return this.#open;
  }

  /** This fetcher is of no more use, whatever its end says. A coordinator that continues the run gets a new one. */
  #giveUp(): void {
    this.#open?.abort();
    this.#closeFetcher().catch(() => {});
  }

  async #closeFetcher(): Promise<void> {
    const opened = this.#fetcher?.opened;
    this.#fetcher = null;
    this.#open = null;
    await (await opened?.catch(() => null))?.close();
  }

  #wants(): number {
    const most = Math.min(this.#limit, this.#listener.most());
    if (!this.#isAble) return 0;
    if (this.#chunks === 0) return performance.now() - this.#offeredMs < OFFERED_MS ? most : 0;
    // Nothing follows what it has: others may have the rest.
    const left = this.#open?.pending ?? 0;
    return this.#listener.isDrained() && left > 0 ? Math.min(most, left) : most;
  }

  /** What one worker is told by an origin, by Retry-After or 429, all keep to. */
  #pauses(known: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
    for (const [origin, ms] of Object.entries(known)) this.#open?.pause(origin, ms);
    const own = (this.#open?.origins() ?? []).filter(({ pausedMs }) => pausedMs > 0);
    const longest = own.sort((one, other) => other.pausedMs - one.pausedMs).slice(0, MOST_PAUSES);
    return { ...known, ...Object.fromEntries(longest.map(({ origin, pausedMs }) => [origin, pausedMs])) };
  }

  #sharer(): Sharer {
    return {
      tell: () => ({
        inFlight: this.inFlight,
        done: this.#done,
        chunks: this.#chunks,
        pending: this.#open?.pending ?? 0,
        finished: this.#finished,
        wants: this.#wants(),
        cannot: this.#cannot,
        clock: this.#clock.at(nowUs()),
      }),
      inUse: () => inUseOf(this.#open?.busy ?? 0, this.#open?.origins() ?? []),
      limit: (shares) => this.#open?.limit(limitsOf(shares)),
      pauses: (known) => this.#pauses(known),
    };
  }
}

/** What another worker, or this one later, may not have: all else is the chunk's fault, or ours. */
function isOfThisWorker(error: unknown): boolean {
  if (error instanceof StorageError || error instanceof QueueError) return true;
  if (error instanceof ChunkError) return error.code === 'no-run' || error.code === 'other-run';
  return error instanceof Error && ['DocumentError', 'ReportError', 'StoreError'].includes(error.name);
}
