import {
  type ConcurrencySummary,
  type ErrorCode,
  type LiveLimits,
  type OriginState,
  type Result,
  type Run,
  type RunSummary,
  type Sink,
  startRun,
} from '../fetch/index.ts';
import { openStore, type Store, StoreError } from '../store/index.ts';
import { Cache } from './cache.ts';
import { CHUNK_ROWS, type GetJob, type How, type Job } from './order.ts';
import { type Asked, badRow, type Outcome, RowWork } from './row.ts';
import { changed, hide, inUtf8, withoutSecrets } from './secrets.ts';

/** A record of the engine, with what may be secret in it. */
export type EngineRecord = Parameters<NonNullable<Sink['record']>>[0];

/** The counted fields of a stored result: no body, no secret. */
export type Took = Pick<Result, 'url' | 'status' | 'bytes' | 'totalMs'> & {
  readonly index: number;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
} & OfPages & {
    /** What is wrong with the charset that the answer names: its text may not be what the server meant. */
    readonly charsetFault: string | null;
  };

/** What a result is among the pages of its row. */
interface OfPages {
  /** From 1. */
  readonly page: number;
  /** It was the row's last. */
  readonly last: boolean;
  /** The row has more pages than may be asked for. */
  readonly cut: boolean;
  /** The answer does not say whether there is a next page: the path finds nothing. */
  readonly unsaid: boolean;
}

/** Of a result that no other follows. */
const LAST = { last: true, cut: false, unsaid: false };

/** Who hears what happens in a worker. A promise means: wait for it before the next. */
export interface WorkerObserver {
  /** The zero of the records' times, Unix epoch in microseconds; before all records. */
  started(startedUs: number): void;
  /** `index`: of the row that an exchange is for. */
  record(record: EngineRecord, index?: number): void;
  took(took: Took): void | Promise<void>;
}

/** What a worker was, when it has ended. */
export interface WorkerEnd {
  readonly summary: RunSummary;
  /** Why results could not be stored to the end. */
  readonly storeFault: StoreError | null;
  /** Answers that were not sent again, because they had not changed. */
  readonly unchanged: number;
  /** Requests that were given up: they are fetched when the run goes on. */
  readonly abandoned: number;
}

/** Takes results, as a part has them. */
export type ResultStore = Pick<Store, 'add' | 'close'>;

/** One engine and what it stores. Every job ends as all of the row's results, or is fetched again later. */
export class RequestWorker {
  readonly finished: Promise<WorkerEnd>;
  readonly #work: RowWork;
  readonly #cache: Cache | null;
  readonly #store: ResultStore;
  readonly #watcher: WorkerObserver;
  readonly #abort = new AbortController();
  readonly #run: Run;
  #storeFault: StoreError | null = null;
  #abandoned = 0;

  constructor(how: How, jobs: AsyncIterable<Job>, store: ResultStore, watcher: WorkerObserver) {
    this.#cache = how.cache === null ? null : new Cache(how.cache);
    this.#work = new RowWork(how, this.#cache);
    this.#store = store;
    this.#watcher = watcher;
    const sink: Sink<Asked> = {
      result: (result) => this.#take(result),
      borrows: true,
      reader: 'report',
      record: (record, input) => {
        const job = typeof input === 'object' ? input.data?.job : undefined;
        watcher.record(safe(record, job), job?.index);
      },
    };
    this.#run = startRun<Asked>(this.#inputs(jobs), sink, {
      ...how.options,
      signal: this.#abort.signal,
      ...(how.pages !== null && { next: (result) => this.#next(result) }),
    });
    watcher.started(this.#run.startedUs);
    this.finished = this.#end();
  }

  get inFlight(): number {
    return this.#run.progress().inFlight;
  }

  /** Slots in use. */
  get busy(): number {
    return this.#run.progress().busy;
  }

  /** Taken and not done. */
  get pending(): number {
    return this.#run.progress().pending;
  }

  /** How concurrent it was until now. */
  proof(): ConcurrencySummary {
    return this.#run.proof();
  }

  /** Answers that were not sent again, because they had not changed. */
  get unchanged(): number {
    return this.#cache?.hits ?? 0;
  }

  /** Nothing new is begun; what is in flight is finished. */
  stop(): void {
    this.#run.stop();
  }

  /** What is in flight is given up too. */
  abort(): void {
    this.#abort.abort();
  }

  limit(limits: LiveLimits): void {
    this.#run.limit(limits);
  }

  origins(): readonly OriginState[] {
    return this.#run.origins();
  }

  /** Nothing is sent to an origin for so long. */
  pause(origin: string, ms: number): void {
    this.#run.pause(origin, ms);
  }

  async *#inputs(jobs: AsyncIterable<Job>) {
    for await (const job of jobs) {
      if ('url' in job) yield this.#work.inputOf(this.#work.first(job));
      else await this.#put(badRow(job), job, { ...LAST, page: 1 });
    }
  }

  #next(result: Result<Asked>) {
    if (wasGivenUp(result)) return null;
    const outcome = this.#outcomeOf(result);
    return outcome.next === null ? null : this.#work.inputOf(outcome.next);
  }

  #outcomeOf(result: Result<Asked>): Outcome {
    const asked = result.data!;
    asked.outcome ??= this.#work.outcomeOf(result, asked);
    return asked.outcome;
  }

  #take(raw: Result<Asked>): void | Promise<void> {
    // A request that was aborted by stopping has no result: it is fetched when the run is resumed.
    if (wasGivenUp(raw)) {
      this.#abandoned++;
      return;
    }
    const asked = raw.data!;
    const { result, next, broken, cut, unsaid } = this.#outcomeOf(raw);
    asked.outcome = null;
    const { job, page } = asked;
    const waits = [
      raw.status === 304 ? undefined : this.#cache?.keep(result, { ...asked, secrets: job.secrets }),
      this.#put(result, job, { page, last: next === null && broken === null, cut, unsaid }),
      broken === null ? undefined : this.#put(broken, job, { ...LAST, page: page + 1 }),
    ].filter((wait) => wait !== undefined);
    if (waits.length > 0) return Promise.all(waits).then(() => {});
  }

  /** Stores a result and reports it. */
  #put(result: Result, job: Job, ofPages: OfPages): Promise<void> | undefined {
    if (this.#storeFault !== null) return undefined;
    const secrets = 'secrets' in job ? job.secrets : [];
    const read = inUtf8(result);
    const written = withoutSecrets(changed(read.result, { data: job.data }), secrets);
    const { page, last } = ofPages;
    const place = { page, more: !last, chunk: Math.floor(job.index / CHUNK_ROWS) };
    let stored: void | Promise<void>;
    try {
      stored = this.#store.add(written, job.index, place);
    } catch (error) {
      this.#broken(error);
      return undefined;
    }
    const told = this.#watcher.took(tookOf(written, job.index, ofPages, read.fault));
    if (stored === undefined && told === undefined) return undefined;
    return Promise.all([stored?.catch((error) => this.#broken(error)), told]).then(() => {});
  }

  #broken(error: unknown): void {
    if (!(error instanceof StoreError)) throw error;
    this.#storeFault ??= error;
    this.#abort.abort();
  }

  async #end(): Promise<WorkerEnd> {
    try {
      const summary = await this.#run.finished;
      return {
        summary,
        storeFault: this.#storeFault,
        unchanged: this.unchanged,
        abandoned: this.#abandoned,
      };
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    for (const close of [() => this.#cache?.finish(), () => this.#store.close()])
      try {
        await close();
      } catch (error) {
        this.#broken(error);
      }
  }
}

/** Opens a part, and starts a worker that writes it. @throws StoreError */
export async function openWorker(
  how: How,
  jobs: AsyncIterable<Job>,
  part: string,
  watcher: WorkerObserver,
): Promise<RequestWorker> {
  const store = await openStore(part, { mode: 'new', bodies: 'inline', keepUrls: false });
  return new RequestWorker(how, jobs, store, watcher);
}

function wasGivenUp(result: Result): boolean {
  return result.error?.code === 'stopped';
}

/** Records name URLs: those of a row with secrets may hold them. */
function safe(record: EngineRecord, job: GetJob | undefined): EngineRecord {
  if (record.kind !== 'exchange' || job === undefined || job.secrets.length === 0) return record;
  return {
    ...record,
    origin: hide(record.origin, job.secrets),
    ...(record.url !== undefined && { url: hide(record.url, job.secrets) }),
  };
}

function tookOf(result: Result, index: number, ofPages: OfPages, charsetFault: string | null): Took {
  const { url, status, bytes, totalMs, error } = result;
  return {
    index,
    url,
    status,
    bytes,
    totalMs,
    error: error === null ? null : { code: error.code, message: error.message },
    ...ofPages,
    charsetFault,
  };
}
