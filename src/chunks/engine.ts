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
import { JobSequence } from './job-sequence.ts';
import type { ChunkRef } from './names.ts';
import { Spool } from './spool.ts';
import { ChunkWriter } from './writer.ts';

/** One engine for one request; each result and each record goes to the chunk of its row. */
export class ChunkEngine implements ChunkFetcher {
  readonly #shared: SharedRun;
  readonly #request: string;
  readonly #jobOf: Prepared['jobOf'];
  readonly #options: FetcherOptions;
  readonly #jobs = new JobSequence();
  readonly #connections = new Connections();
  readonly #writer: ChunkWriter;
  readonly #engine: RequestWorker;
  /** By the number of the chunk, which follows from the index of a row. */
  readonly #active = new Map<number, ActiveChunk>();
  readonly #promised = new Map<string, Promise<ChunkDone>>();
  readonly #end: Promise<WorkerEnd>;
  /** Chunks that are being opened: their rows are not in the engine yet. */
  #opening = 0;
  /** Resolves when fewer rows are pending than before. */
  #moved: PromiseWithResolvers<void> | null = null;
  #startedUs = 0;
  #isStopped = false;
  /** Why all chunks that are not whole fail; undefined: they do not. */
  #over: unknown;

  constructor(shared: SharedRun, request: string, { how, jobOf }: Prepared, options: FetcherOptions) {
    this.#shared = shared;
    this.#request = request;
    this.#jobOf = jobOf;
    this.#options = options;
    this.#writer = new ChunkWriter(shared, options);
    const store: ResultStore = {
      add: (result, index, place) => this.#activeOf(index)?.result(result, index, place),
      close: async () => {},
    };
    const { maxMemoryBytes: maxMemory, watcher } = options;
    const limited = { ...how, options: { ...how.options, ...(maxMemory !== undefined && { maxMemory }) } };
    let sink: RecordSink | undefined;
    this.#engine = new RequestWorker(limited, this.#jobs, store, {
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
    for (const active of this.#active.values()) if (!active.hasBegun) active.fail(this.#givenUp());
  }

  abort(): void {
    this.#isStopped = true;
    this.#fail(this.#givenUp());
  }

  async close(): Promise<WorkerEnd> {
    await Promise.allSettled(this.#promised.values());
    this.#isStopped = true;
    this.#jobs.close();
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
    if (!(opened instanceof ActiveChunk)) return opened;
    try {
      this.#jobs.push(this.#jobsOf(opened, rows));
      await opened.whole;
      this.#connections.finish(opened.record);
      return await this.#writer.write(opened, this.#engine, this.#startedUs);
    } finally {
      opened.isGivenUp = true;
      this.#connections.forget(opened.record);
      if (opened.isIdle) this.#forget(opened);
      await opened.spool.remove();
    }
  }

  /** A chunk that can begin, or one whose file is there. */
  async #open(ref: ChunkRef): Promise<ActiveChunk | ChunkDone> {
    this.#opening++;
    try {
      const there = await this.#writer.find(ref);
      if (there !== null) return there;
      this.#refuseLate();
      const { request, chunk, round } = ref;
      const name = `${request}-${chunk}-${round}-${randomUUID()}`;
      const active = new ActiveChunk(ref, await Spool.open(join(this.#options.scratch, name)));
      try {
        await this.#active.get(chunk)?.gone;
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

  async *#jobsOf(active: ActiveChunk, rows: AsyncIterable<ChunkRow>): AsyncGenerator<Job> {
    try {
      for await (const row of rows) {
        if (active.isGivenUp || this.#over !== undefined || (this.#isStopped && !active.hasBegun)) return;
        active.give();
        yield this.#jobOf(row);
      }
      active.endGiving();
      this.#wake();
    } catch (error) {
      active.fail(error);
    }
  }

  #activeOf(index: number): ActiveChunk | undefined {
    return this.#active.get(Math.floor(index / this.#shared.description.chunkRows));
  }

  #exchanged(record: Extract<EngineRecord, { kind: 'exchange' }>, active?: ActiveChunk): void {
    if (active === undefined || active.isGivenUp) return;
    this.#connections.usedBy(active.record, record.connection);
    active.record(record);
  }

  #took(took: Took, active?: ActiveChunk): void {
    if (active === undefined) return;
    active.took(took);
    if (took.last) this.#wake();
    if (active.isGivenUp && active.isIdle) this.#forget(active);
  }

  #wake(): void {
    this.#moved?.resolve();
    this.#moved = null;
  }

  #forget(active: ActiveChunk): void {
    this.#wake();
    if (this.#active.get(active.ref.chunk) === active) this.#active.delete(active.ref.chunk);
    active.leave();
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
    for (const active of this.#active.values()) {
      active.fail(this.#over);
      active.leave();
    }
    this.#active.clear();
    this.#wake();
    this.#jobs.close();
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
