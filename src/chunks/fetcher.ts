import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type Job,
  type RecordSink,
  RequestWorker,
  type ResultStore,
  type Shares,
  type Took,
  type Watcher,
  type WorkerEnd,
} from '../execute/index.ts';
import type { ErrorCode, OriginState } from '../fetch/index.ts';
import { type ChunkRow, howOf, type Prepared, prepared, ReportError } from '../report/index.ts';
import { Connections } from './connections.ts';
import type { SharedRun } from './description.ts';
import { ChunkError } from './error.ts';
import { ChunkFile } from './file.ts';
import { CHUNK_FORMAT, type ChunkHeader, type Clock, type Worker } from './format.ts';
import { type ChunkRef, chunkName } from './names.ts';
import { ProofShares } from './proof-shares.ts';
import { ChunkQueue } from './queue.ts';
import { Spool } from './spool.ts';

/** Rows to be fetched together. */
export interface ChunkRows extends Pick<ChunkRef, 'chunk' | 'round'> {
  readonly rows: AsyncIterable<ChunkRow>;
}

/** A chunk whose file is at the storage. */
export interface ChunkDone extends ChunkRef {
  /** What is in the file. */
  readonly rows: number;
  readonly results: number;
  readonly failed: number;
  /** Another one's file was there first. */
  readonly already: boolean;
}

/** How a fetcher works. */
export interface FetcherOptions {
  /** Its share of the run's limits. */
  readonly limits: Shares;
  readonly worker: Worker;
  /** A folder for what is not whole yet; made when it is needed. */
  readonly scratch: string;
  /** For all bodies together; that of the report, when it is left out. */
  readonly maxMemoryBytes?: number;
  /** Hears of all exchanges and results, also of chunks that nothing comes of. */
  readonly watcher?: Watcher;
  /** Asked when a chunk is whole. */
  readonly clock?: () => Clock | null;
}

/** Fetches chunks of one request, any number at once, and leaves a file of each in the storage: whole, or none. */
export interface ChunkFetcher {
  /**
   * Resolves when the chunk's file is there. The same chunk twice is fetched once.
   * @throws ChunkError 'given-up', StorageError, StoreError, and what `rows` throws
   */
  fetch(chunk: ChunkRows): Promise<ChunkDone>;
  limit(limits: Shares): void;
  /** Origins that have requests, or are paused. */
  origins(): readonly OriginState[];
  /** Nothing is sent to an origin for so long: another process was asked to wait. */
  pause(origin: string, ms: number): void;
  /** GETs sent and not read. */
  readonly inFlight: number;
  /** Slots in use. */
  readonly busy: number;
  /** Rows that it has and that are not done; a chunk whose rows are still to be read counts as full. */
  readonly pending: number;
  /** Resolves when no more rows than this are pending: time for the next chunk, so that the engine never waits for one. */
  room(rows: number): Promise<void>;
  /** Chunks whose first row was taken are finished; the others are given up. */
  stop(): void;
  /** What is not whole is given up. */
  abort(): void;
  /** Waits for all chunks, and ends the engine. */
  close(): Promise<WorkerEnd>;
}

/** A chunk on its way. */
interface Active {
  readonly ref: ChunkRef;
  readonly spool: Spool;
  readonly take: (record: Parameters<Spool['record']>[0]) => void;
  readonly done: PromiseWithResolvers<void>;
  /** None of its rows is under way any more. */
  readonly gone: PromiseWithResolvers<void>;
  /** Nothing comes of it, though some of its rows are still under way. */
  isLame: boolean;
  begun: boolean;
  /** Rows that were given to the engine, and whether those are all. */
  given: number;
  allGiven: boolean;
  finished: number;
  results: number;
  failed: number;
}

/** @throws ReportError for a request that can't be made ready */
export async function openChunkFetcher(
  shared: SharedRun,
  request: string,
  options: FetcherOptions,
): Promise<ChunkFetcher> {
  const of = shared.report.requests.find(({ name }) => name === request);
  if (of === undefined) throw new ReportError(`${shared.report.file}: there is no request '${request}'.`);
  const { authorities } = shared.description;
  const pem = Object.hasOwn(authorities, request) ? authorities[request] : undefined;
  return new Fetcher(shared, request, await prepared(of, shared.report, pem), options);
}

/**
 * Leaves a file of error results for a chunk that can't be fetched: rows are not lost. One that was fetched after all
 * comes first. @throws StorageError, StoreError
 */
export async function failChunk(
  shared: SharedRun,
  { request, ...chunk }: ChunkRef,
  rows: AsyncIterable<ChunkRow>,
  { code, text }: { readonly code: ErrorCode; readonly text: string },
  options: Pick<FetcherOptions, 'worker' | 'scratch'>,
): Promise<ChunkDone> {
  const of = shared.report.requests.find(({ name }) => name === request)!;
  const ready: Prepared = {
    how: howOf(of, shared.report, { ca: null }),
    jobOf: ({ index, data }) => ({ index, data, error: text, code }),
  };
  const fetcher = new Fetcher(shared, request, ready, { ...options, limits: { concurrency: 1 } });
  try {
    return await fetcher.fetch({ ...chunk, rows });
  } finally {
    await fetcher.close();
  }
}

class Fetcher implements ChunkFetcher {
  readonly #shared: SharedRun;
  readonly #request: string;
  readonly #jobOf: Prepared['jobOf'];
  readonly #options: FetcherOptions;
  readonly #queue = new ChunkQueue();
  readonly #connections = new Connections();
  readonly #proofs = new ProofShares();
  readonly #engine: RequestWorker;
  /** By the number of the chunk: results and records know no more than the index of their row. */
  readonly #active = new Map<number, Active>();
  readonly #promised = new Map<string, Promise<ChunkDone>>();
  readonly #end: Promise<WorkerEnd>;
  /** Chunks that were asked for, and whose rows are not read yet. */
  #opening = 0;
  /** Something is pending no more. */
  #moved: PromiseWithResolvers<void> | null = null;
  #startedUs = 0;
  #unchangedTold = 0;
  #isStopped = false;
  /** Why nothing comes of what is not whole. */
  #over: unknown;

  constructor(shared: SharedRun, request: string, { how, jobOf }: Prepared, options: FetcherOptions) {
    this.#shared = shared;
    this.#request = request;
    this.#jobOf = jobOf;
    this.#options = options;
    const store: ResultStore = {
      add: (result, index, place) => {
        const active = this.#activeOf(index);
        return active?.isLame === false ? active.spool.result(result, index, place) : undefined;
      },
      close: async () => {},
    };
    const { maxMemoryBytes: maxMemory, watcher } = options;
    const limited = { ...how, options: { ...how.options, ...(maxMemory !== undefined && { maxMemory }) } };
    let sink: RecordSink | undefined;
    this.#engine = new RequestWorker(limited, this.#queue, store, {
      started: (startedUs) => {
        this.#startedUs = startedUs;
        sink = watcher?.records.workers(1)(0, startedUs);
      },
      record: (record, index) => {
        sink?.(record);
        if (record.kind === 'connection') this.#connections.opened(record);
        else if (record.kind === 'connectionClosed') this.#connections.closed(record);
        else this.#exchanged(record, this.#activeOf(index!));
      },
      took: (took) => {
        watcher?.took(took);
        this.#took(took, this.#activeOf(took.index));
      },
    });
    this.#engine.limit(options.limits);
    this.#end = this.#whenOver();
    this.#end.catch(() => {}); // close() tells it
  }

  get inFlight(): number {
    return this.#engine.inFlight;
  }

  get busy(): number {
    return this.#engine.busy;
  }

  get pending(): number {
    const { chunkRows } = this.#shared.description;
    let rows = this.#opening * chunkRows;
    for (const { allGiven, given, finished } of this.#active.values())
      rows += (allGiven ? given : chunkRows) - finished;
    return rows;
  }

  async room(rows: number): Promise<void> {
    while (this.pending > rows) {
      this.#moved ??= Promise.withResolvers();
      await this.#moved.promise;
    }
  }

  limit(limits: Shares): void {
    this.#engine.limit(limits);
  }

  origins(): readonly OriginState[] {
    return this.#engine.origins();
  }

  pause(origin: string, ms: number): void {
    this.#engine.pause(origin, ms);
  }

  stop(): void {
    this.#isStopped = true;
    for (const { begun, done } of this.#active.values()) if (!begun) done.reject(this.#givenUp());
  }

  abort(): void {
    this.#isStopped = true;
    this.#fail(this.#givenUp());
  }

  async close(): Promise<WorkerEnd> {
    await Promise.allSettled(this.#promised.values());
    this.#isStopped = true;
    this.#queue.close();
    return this.#end;
  }

  fetch(chunk: ChunkRows): Promise<ChunkDone> {
    const key = `${chunk.chunk}-${chunk.round}`;
    const before = this.#promised.get(key);
    if (before !== undefined) return before;
    const promised = this.#fetch(chunk).finally(() => this.#promised.delete(key));
    this.#promised.set(key, promised);
    return promised;
  }

  async #fetch({ chunk, round, rows }: ChunkRows): Promise<ChunkDone> {
    const ref: ChunkRef = { request: this.#request, chunk, round };
    const opened = await this.#open(ref);
    if (!('spool' in opened)) return doneOf(opened, true);
    try {
      this.#queue.push(this.#jobs(opened, rows));
      await opened.done.promise;
      return await this.#write(opened);
    } finally {
      opened.isLame = true;
      this.#connections.forget(opened.take);
      if (opened.finished === opened.given) this.#forget(opened);
      await opened.spool.remove();
    }
  }

  /** A chunk that can begin, or the header of its file that is there. */
  async #open(ref: ChunkRef): Promise<Active | ChunkHeader> {
    this.#opening++;
    try {
      const there = await this.#headerThere(ref);
      if (there !== null) return there;
      this.#refuseLate();
      const { request, chunk, round } = ref;
      const name = `${request}-${chunk}-${round}-${randomUUID()}`;
      const active = newActive(ref, await Spool.open(join(this.#options.scratch, name)));
      try {
        await this.#active.get(chunk)?.gone.promise;
        this.#refuseLate();
      } catch (error) {
        await active.spool.remove();
        throw error;
      }
      this.#active.set(chunk, active);
      return active;
    } finally {
      this.#opening--;
      this.#wake();
    }
  }

  async *#jobs(active: Active, rows: AsyncIterable<ChunkRow>): AsyncGenerator<Job> {
    try {
      for await (const row of rows) {
        if (active.isLame || this.#over !== undefined || (this.#isStopped && !active.begun)) return;
        active.begun = true;
        active.given++;
        yield this.#jobOf(row);
      }
      active.allGiven = true;
      this.#wake();
      settle(active);
    } catch (error) {
      active.done.reject(error);
    }
  }

  #activeOf(index: number): Active | undefined {
    return this.#active.get(Math.floor(index / this.#shared.description.chunkRows));
  }

  #exchanged(record: Extract<Parameters<Spool['record']>[0], { kind: 'exchange' }>, active?: Active): void {
    if (active === undefined || active.isLame) return;
    this.#connections.usedBy(active.take, record.connection);
    active.take(record);
  }

  #took(took: Took, active?: Active): void {
    if (active === undefined) return;
    if (took.last) {
      active.finished++;
      this.#wake();
    }
    if (active.isLame) {
      if (active.finished === active.given) this.#forget(active);
      return;
    }
    active.spool.took(took);
    active.results++;
    if (took.last && took.error !== null) active.failed++;
    settle(active);
  }

  #wake(): void {
    this.#moved?.resolve();
    this.#moved = null;
  }

  #forget(active: Active): void {
    this.#wake();
    if (this.#active.get(active.ref.chunk) === active) this.#active.delete(active.ref.chunk);
    active.gone.resolve();
  }

  /** Puts the file of a whole chunk into the storage. */
  async #write(active: Active): Promise<ChunkDone> {
    const { ref, spool, finished: rows, failed, results } = active;
    const { description, storage } = this.#shared;
    this.#connections.finish(active.take);
    const { share, undo } = this.#proofs.next(this.#engine.proof());
    const unchanged = this.#engine.unchanged - this.#unchangedTold;
    this.#unchangedTold += unchanged;
    const { worker, clock } = this.#options;
    const header: ChunkHeader = {
      kind: 'chunk',
      format: CHUNK_FORMAT,
      run: description.run,
      ...ref,
      worker: worker.id,
      host: worker.host,
      startedUs: this.#startedUs,
      clock: clock?.() ?? null,
      rows,
      failed,
      results,
    };
    let isWritten = false;
    try {
      const endedUs = Math.round((performance.timeOrigin + performance.now()) * 1000) - this.#startedUs;
      const end = { kind: 'results', lines: results, endedUs, proof: share, unchanged, notes: [] } as const;
      const path = await spool.pack(header, end);
      isWritten = await storage.writeOnce(chunkName(description.run, ref), { path });
      const there = isWritten ? null : await this.#headerThere(ref);
      return doneOf(there ?? header, !isWritten);
    } finally {
      if (!isWritten) {
        undo();
        this.#unchangedTold -= unchanged;
      }
    }
  }

  async #headerThere(ref: ChunkRef): Promise<ChunkHeader | null> {
    const { storage, description } = this.#shared;
    const name = chunkName(description.run, ref);
    const bytes = await storage.read(name);
    if (bytes === null) return null;
    const { file, header } = await ChunkFile.open(bytes, `${storage.url}/${name}`);
    await file.close();
    return header;
  }

  #refuseLate(): void {
    if (this.#over !== undefined) throw this.#over;
    if (this.#isStopped) throw this.#givenUp();
  }

  #givenUp(): ChunkError {
    return new ChunkError('given-up', 'the chunk was given up before it was whole.');
  }

  #fail(why: unknown): void {
    this.#over ??= why;
    for (const { done, gone } of this.#active.values()) {
      done.reject(this.#over);
      gone.resolve();
    }
    this.#active.clear();
    this.#wake();
    this.#queue.close();
    this.#engine.abort();
  }

  async #whenOver(): Promise<WorkerEnd> {
    try {
      const end = await this.#engine.finished;
      this.#fail(end.storeFault ?? this.#givenUp());
      return end;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }
}

function newActive(ref: ChunkRef, spool: Spool): Active {
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {}); // whoever fetches it waits for it, perhaps a moment later
  const gone = Promise.withResolvers<void>();
  const state = { isLame: false, begun: false, allGiven: false };
  const counts = { given: 0, finished: 0, results: 0, failed: 0 };
  return { ref, spool, take: (record) => spool.record(record), done, gone, ...state, ...counts };
}

/** All rows are done: what is behind the last of them can't change it any more. */
function settle({ done, allGiven, given, finished }: Active): void {
  if (allGiven && finished === given) done.resolve();
}

function doneOf({ request, chunk, round, rows, results, failed }: ChunkHeader, already: boolean): ChunkDone {
  return { request, chunk, round, rows, results, failed, already };
}
