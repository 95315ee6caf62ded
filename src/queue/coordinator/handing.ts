import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, type SharedRun, writeChunkRows } from '../../chunks/index.ts';
import type { Executed, Execution, Watcher } from '../../execute/index.ts';
import type { DistributedOrder } from '../../report/index.ts';
import { isPassing } from '../error.ts';
import type { ChunkQueue, FailedChunk } from '../jobs/chunk-queue.ts';
import { type ChunkJob, idOf } from '../jobs/job.ts';
import type { Member } from '../ledger/ledger.ts';
import { Bringing } from './bringing.ts';
import { failLost } from './lost-chunk.ts';
import { Waiting } from './waited.ts';

/** What handing out a request's chunks needs. */
export interface HandingOptions {
  readonly shared: SharedRun;
  readonly queue: ChunkQueue;
  readonly worker: { readonly id: string; readonly host: string };
  readonly scratch: string;
  readonly clock: Clock | null;
  /** The server whose clock all have compared theirs with. */
  readonly server: string;
  /** How often chunks are looked for that nobody told of. */
  readonly lookMs: number;
  readonly beatMs: number;
  /** What the workers are to do from now on. */
  readonly wish: (wish: 'stop' | 'abort') => void;
  /** What people should know. */
  readonly tell: (text: string) => void;
}

/** Chunks that are put into the storage at once. */
const AT_ONCE = 8;
/** Chunks that go into the queue together. */
const BATCH = 64;
/** Chunks of one question to the queue: are they still in it? */
const ASKED = 200;

/** Hands out the chunks of one request through the queue, and sees to it that all of them come home. */
export class Handing implements Execution {
  readonly finished: Promise<Executed>;
  readonly #order: DistributedOrder;
  readonly #options: HandingOptions;
  readonly #bringing: Bringing;
  readonly #notes: string[] = [];
  readonly #waiting: Waiting;
  #members: readonly Member[] = [];
  readonly #begunMs = performance.now();
  #momentMs = performance.now();
  #wish: 'go on' | 'stop' | 'abort' = 'go on';
  #fault: unknown;
  #isAway = false;
  #isLooking = false;
  #lookedMs = performance.now();
  #wake = Promise.withResolvers<void>();

  constructor(order: DistributedOrder, watcher: Watcher, options: HandingOptions) {
    this.#order = order;
    this.#options = options;
    this.#waiting = new Waiting(options.beatMs);
    this.#bringing = new Bringing(order, watcher, options.shared, options.clock);
    this.finished = this.#run();
    this.finished.catch(() => {}); // the caller that waits for it gets the error
  }

  get inFlight(): number {
    return this.#members.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  stop(): void {
    if (this.#wish !== 'go on') return;
    this.#wish = 'stop';
    this.#options.wish('stop');
    this.#wake.resolve();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#options.wish('abort');
    this.#wake.resolve();
  }

  /** What the workers tell of themselves. */
  hear(members: readonly Member[], nowUs: number): void {
    this.#members = members;
    this.#bringing.fetched.hear(members);
    this.#weigh(members, nowUs);
    for (const id of members.flatMap(({ finished }) => finished)) {
      const chunk = this.#chunkOf(id);
      if (chunk !== null) this.#bringing.tell(chunk);
    }
    this.#wake.resolve();
  }

  /** The server can't be reached, or is there again: what workers do meanwhile, nobody knows. */
  away(isAway: boolean): void {
    this.#isAway = isAway;
    this.#wake.resolve();
  }

  /** The run can't go on: its place was taken. */
  fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#wake.resolve();
  }

  async #run(): Promise<Executed> {
    await this.#untilHome().catch((fault) => this.fail(fault));
    const fault = (this.#fault ?? null) as Error | null;
    const executed = this.#bringing.executed(fault !== null || this.#wish !== 'go on');
    const notes = [
      ...executed.notes,
      ...this.#notes,
      ...this.#bringing.fetched.notes(this.#order.request.name, this.#options.server),
      ...cacheNotes(this.#order),
    ];
    // From the first chunk that was handed out: also when nobody fetched.
    const wallMs = Math.max(executed.wallMs, performance.now() - this.#begunMs);
    return { ...executed, wallMs, storeFault: fault, waited: this.#waiting.waited(), notes };
  }

  /** Returns when all chunks are home, or the run is to end, or can't go on. */
  async #untilHome(): Promise<void> {
    await this.#bringing.bringThere();
    const handing = this.#handOut();
    handing.catch((fault) => this.fail(fault));
    let handedOut = false;
    void handing.then(
      () => {
        handedOut = true;
        this.#wake.resolve();
      },
      () => {},
    );
    while (this.#fault === undefined && this.#wish !== 'abort') {
      await this.#bringing.bringTold();
      if (handedOut && this.#bringing.pending.size === 0) break;
      if (this.#wish === 'stop' && (this.#isAway || this.#isQuiet())) break;
      const heardMs = Math.max(this.#bringing.cameMs, this.#lookedMs);
      if (performance.now() - heardMs > this.#options.lookMs) this.#lookAside();
      await this.#woken();
    }
    if (this.#fault === undefined && this.#wish !== 'go on') await this.#bringing.bringThere();
  }

  /** Puts the rows of each chunk where workers find them, and the chunk into the queue. */
  async #handOut(): Promise<void> {
    const { shared, queue } = this.#options;
    let batch: { readonly chunk: number; readonly writing: Promise<void> }[] = [];
    const flush = async () => {
      await Promise.all(batch.map(({ writing }) => writing));
      const jobs = batch.map(({ chunk }) => this.#jobOf(chunk));
      batch = [];
      await this.#untilDone(() => queue.add(jobs));
    };
    for await (const { chunk, rows } of this.#order.chunks(shared.description.chunkRows)) {
      if (this.#wish !== 'go on' || this.#fault !== undefined) return;
      if (!this.#bringing.plan(chunk, rows.length)) continue;
      const { run } = shared.description;
      batch.push({ chunk, writing: writeChunkRows(shared.storage, run, this.#refOf(chunk), rows) });
      if (batch.length % AT_ONCE === 0) await Promise.all(batch.map(({ writing }) => writing));
      // The first ones at once: workers wait for them.
      if (batch.length >= (this.#bringing.pending.size < BATCH ? AT_ONCE : BATCH)) await flush();
    }
    await flush();
  }

  /** Looks without waiting for it: it may wait for the server. */
  #lookAside(): void {
    if (this.#isLooking || this.#isAway) return;
    this.#isLooking = true;
    this.#look()
      .catch((fault) => {
        if (!isPassing(fault)) this.fail(fault);
      })
      .finally(() => {
        this.#isLooking = false;
      });
  }

  /** For a while nothing came: chunks may have failed, or be lost with what the server forgot. */
  async #look(): Promise<void> {
    this.#lookedMs = performance.now();
    const { queue, shared } = this.#options;
    const { pending } = this.#bringing;
    await this.#bringing.bringThere();
    for (const failed of await queue.failed(shared.description.run)) await this.#giveUp(failed);
    if (this.#wish !== 'go on') return;
    const lost: ChunkJob[] = [];
    for (const chunk of [...pending].slice(0, ASKED)) {
      const job = this.#jobOf(chunk);
      if (!(await queue.has(job))) lost.push(job);
      // The next look asks for others.
      pending.delete(chunk);
      pending.add(chunk);
    }
    // One that has just been done is in neither place for a moment.
    await this.#bringing.bring(lost.map(({ chunk }) => chunk));
    await queue.add(lost.filter(({ chunk }) => pending.has(chunk)));
  }

  /** A chunk that no worker gets any more: its rows are errors, they are not lost. */
  async #giveUp({ job, reason }: FailedChunk): Promise<void> {
    const { queue, tell } = this.#options;
    const { chunk, request } = job;
    if (request === this.#order.request.name && this.#bringing.pending.has(chunk)) {
      const note = await failLost({ job, reason }, this.#order.planned.count, this.#options);
      await this.#bringing.bring([chunk]);
      this.#notes.push(note);
      tell(note);
    }
    await queue.remove(job);
  }

  /** What was wanted, and could not be had, since it was heard of before. */
  #weigh(members: readonly Member[], nowUs: number): void {
    const beforeMs = this.#momentMs;
    this.#momentMs = performance.now();
    const told = new Set(members.flatMap(({ finished }) => finished));
    const toBring = [...told].filter((id) => this.#chunkOf(id) !== null).length;
    this.#waiting.add(
      {
        nowUs,
        members,
        whole: this.#options.shared.report.limits.concurrency,
        rowsLeft: this.#bringing.rowsLeft,
        rowsToPlan: this.#bringing.rowsToPlan,
        chunksToBring: toBring,
        chunkRows: this.#options.shared.description.chunkRows,
      },
      // While the server was away, engines went on, and count for themselves.
      Math.min(this.#momentMs - beforeMs, 3 * this.#options.beatMs),
    );
  }

  /** Whether no worker has a chunk of this run any more. */
  #isQuiet(): boolean {
    return this.#members.every(({ chunks }) => chunks === 0);
  }

  async #woken(): Promise<void> {
    await Promise.race([this.#wake.promise, sleep(this.#options.lookMs, undefined, { ref: false })]);
    this.#wake = Promise.withResolvers();
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    while (this.#wish === 'go on' && this.#fault === undefined)
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(1000);
      }
  }

  #jobOf(chunk: number): ChunkJob {
    const { storage, description } = this.#options.shared;
    return { ...this.#refOf(chunk), run: description.run, storage: storage.url };
  }

  #refOf(chunk: number) {
    const { request, round } = this.#order;
    return { request: request.name, chunk, round };
  }

  /** The chunk of a job's id, where it is one of this request. */
  #chunkOf(id: string): number | null {
    const chunk = Number(/(\d+)-\d+$/.exec(id)?.[1] ?? Number.NaN);
    return this.#bringing.pending.has(chunk) && idOf(this.#jobOf(chunk)) === id ? chunk : null;
  }
}

/** A cache is a folder beside the report's file. */
function cacheNotes({ request: { name, cache } }: DistributedOrder): readonly string[] {
  return cache === null ? [] : [`${name}: its cache was not used, since workers do not have it`];
}
