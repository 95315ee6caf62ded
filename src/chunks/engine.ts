import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type EngineRecord,
  type Job,
  type RecordSink,
  RequestWorker,
  type ResultStore,
  type Shares,
  type Took,
  type WorkerEnd,
} from '../execute/index.ts';
import type { OriginState } from '../fetch/index.ts';
import type { ChunkRow, Prepared } from '../report/index.ts';
import { ActiveChunk } from './active-chunk.ts';
import { Connections } from './connections.ts';
import type { SharedRun } from './description.ts';
import { ChunkError } from './error.ts';
import type { ChunkDone, ChunkFetcher, ChunkRows, FetcherOptions } from './fetcher.ts';
import { ChunkFile } from './file.ts';
import { CHUNK_FORMAT, type ChunkHeader } from './format.ts';
import { type ChunkRef, chunkName } from './names.ts';
import { ProofShares } from './proof-shares.ts';
import { ChunkQueue } from './queue.ts';
import { Spool } from './spool.ts';

/** One engine for one request of a run. Results and records find their chunk by the index of their row. */
export class Engine implements ChunkFetcher {
  readonly #shared: SharedRun;
  readonly #request: string;
  readonly #jobOf: Prepared['jobOf'];
  readonly #options: FetcherOptions;
  readonly #queue = new ChunkQueue();
  readonly #connections = new Connections();
  readonly #proofs = new ProofShares();
  readonly #engine: RequestWorker;
  /** By the number of the chunk. */
  readonly #active = new Map<number, ActiveChunk>();
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
      add: (result, index, place) => this.#activeOf(index)?.add(result, index, place),
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
    for (const active of this.#active.values()) rows += active.pending(chunkRows);
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
    for (const { isBegun, whole } of this.#active.values()) if (!isBegun) whole.reject(givenUp());
  }

  abort(): void {
    this.#isStopped = true;
    this.#fail(givenUp());
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
    if (!(opened instanceof ActiveChunk)) return doneOf(opened, true);
    try {
      this.#queue.push(this.#jobs(opened, rows));
      await opened.whole.promise;
      return await this.#write(opened);
    } finally {
      this.#connections.forget(opened.take);
      if (opened.isIdle) this.#forget(opened);
      await opened.end();
    }
  }

  /** A chunk that can begin, or the header of its file that is there. */
  async #open(ref: ChunkRef): Promise<ActiveChunk | ChunkHeader> {
    this.#opening++;
    try {
      const there = await this.#headerThere(ref);
      if (there !== null) return there;
      this.#refuseLate();
      const { request, chunk, round } = ref;
      const name = `${request}-${chunk}-${round}-${randomUUID()}`;
      const active = new ActiveChunk(ref, await Spool.open(join(this.#options.scratch, name)));
      try {
        await this.#active.get(chunk)?.gone.promise;
        this.#refuseLate();
      } catch (error) {
        await active.end();
        throw error;
      }
      this.#active.set(chunk, active);
      return active;
    } finally {
      this.#opening--;
      this.#wake();
    }
  }

  async *#jobs(active: ActiveChunk, rows: AsyncIterable<ChunkRow>): AsyncGenerator<Job> {
    try {
      for await (const row of rows) {
        if (active.isLame || this.#over !== undefined || (this.#isStopped && !active.isBegun)) return;
        active.give();
        yield this.#jobOf(row);
      }
      active.areAll();
      this.#wake();
    } catch (error) {
      active.whole.reject(error);
    }
  }

  #activeOf(index: number): ActiveChunk | undefined {
    return this.#active.get(Math.floor(index / this.#shared.description.chunkRows));
  }

  #exchanged(record: Extract<EngineRecord, { kind: 'exchange' }>, active?: ActiveChunk): void {
    if (active === undefined || active.isLame) return;
    this.#connections.usedBy(active.take, record.connection);
    active.take(record);
  }

  #took(took: Took, active?: ActiveChunk): void {
    if (active === undefined) return;
    active.took(took);
    if (took.last) this.#wake();
    if (active.isLame && active.isIdle) this.#forget(active);
  }

  #wake(): void {
    this.#moved?.resolve();
    this.#moved = null;
  }

  #forget(active: ActiveChunk): void {
    this.#wake();
    if (this.#active.get(active.ref.chunk) === active) this.#active.delete(active.ref.chunk);
    active.gone.resolve();
  }

  /** Puts the file of a whole chunk into the storage. */
  async #write(active: ActiveChunk): Promise<ChunkDone> {
    const { ref, spool, rows, failed, results } = active;
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
    if (this.#isStopped) throw givenUp();
  }

  #fail(why: unknown): void {
    this.#over ??= why;
    for (const { whole, gone } of this.#active.values()) {
      whole.reject(this.#over);
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
      this.#fail(end.storeFault ?? givenUp());
      return end;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }
}

function givenUp(): ChunkError {
  return new ChunkError('given-up', 'the chunk was given up before it was whole.');
}

function doneOf({ request, chunk, round, rows, results, failed }: ChunkHeader, already: boolean): ChunkDone {
  return { request, chunk, round, rows, results, failed, already };
}
