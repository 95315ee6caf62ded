import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import {
  chunkPartPath,
  type Executed,
  type Took,
  type Watcher,
  type WorkerRecords,
} from '../execute/index.ts';
import type { ConcurrencySummary } from '../fetch/index.ts';
import type { DistributedOrder } from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import { Bits, eachRow, filterRows, openLines, partRowOf } from '../store/index.ts';
import { ChunkError } from './error.ts';
import { ChunkFile } from './file.ts';
import type { AccountLine, ChunkEnd, ChunkHeader, Clock, Worker } from './format.ts';
import { type ChunkRef, chunkName, chunkOf, chunksPrefix } from './names.ts';
import { joinedProof } from './proof-shares.ts';

/** A chunk that was brought home. */
export interface Collected extends ChunkRef {
  readonly rows: number;
  readonly results: number;
  readonly failed: number;
  readonly worker: Worker;
}

/** The round of a request whose chunks are brought home. */
export type CollectedOrder = Pick<DistributedOrder, 'request' | 'round' | 'parts'>;

/**
 * Brings the chunks of a request home. Results go into the run's folder, complete or not at all; counts and records go to
 * the watcher. An earlier invocation may have been killed after it brought a chunk home: its counts and records go to the
 * watcher again.
 */
export class Collector {
  readonly #storage: Pick<Storage, 'read' | 'url'>;
  readonly #run: string;
  readonly #order: CollectedOrder;
  readonly #watcher: Watcher;
  readonly #ownOffsetUs: number;
  readonly #brought = new Map<number, Promise<Collected | null>>();
  /** By the worker and the start of its engine. */
  readonly #engines = new Map<string, ReturnType<WorkerRecords['inPieces']>>();
  readonly #ends: (ChunkEnd & { readonly engine: string; readonly startedUs: number })[] = [];
  #results = 0;
  /** The accounts go to the watcher one after the other. */
  #telling: Promise<void> = Promise.resolve();

  /** `clock`: of this process, where all processes of the run have compared theirs with the same one. */
  constructor(
    { storage, run }: { readonly storage: Pick<Storage, 'read' | 'url'>; readonly run: string },
    order: CollectedOrder,
    watcher: Watcher,
    { clock }: { readonly clock?: Clock | null } = {},
  ) {
    this.#storage = storage;
    this.#run = run;
    this.#order = order;
    this.#watcher = watcher;
    this.#ownOffsetUs = clock?.offsetUs ?? 0;
  }

  /**
   * Brings a chunk home; null while it has no file. The same chunk again is the same, and counted once.
   * @throws ChunkError, StorageError, StoreError
   */
  bring(chunk: number): Promise<Collected | null> {
    const before = this.#brought.get(chunk);
    if (before !== undefined) return before;
    const bringing = this.#bring(chunk);
    this.#brought.set(chunk, bringing);
    // A chunk that is not there yet, or could not be read, can be brought later.
    const forget = () => this.#brought.delete(chunk);
    bringing.then((found) => found ?? forget(), forget);
    return bringing;
  }

  /** The sums over all chunks. */
  executed(stopped: boolean): Executed {
    const ends = this.#ends;
    const from = Math.min(...ends.map(({ startedUs }) => startedUs));
    const to = Math.max(...ends.map(({ startedUs, endedUs }) => startedUs + endedUs));
    return {
      wallMs: ends.length === 0 ? 0 : (to - from) / 1000,
      proofs: proofsOf(ends),
      results: this.#results,
      stopped,
      storeFault: null,
      unchanged: ends.reduce((sum, { unchanged }) => sum + unchanged, 0),
      abandoned: 0,
      notes: [...new Set(ends.flatMap(({ notes }) => notes))],
    };
  }

  async #bring(chunk: number): Promise<Collected | null> {
    const { request, round, parts } = this.#order;
    const ref: ChunkRef = { request: request.name, chunk, round };
    const name = chunkName(this.#run, ref);
    const bytes = await this.#storage.read(name);
    if (bytes === null) return null;
    const where = `${this.#storage.url}/${name}`;
    const { file, header } = await ChunkFile.open(bytes, where);
    const part = chunkPartPath(parts.folder, chunk, round);
    const account = `${part}.account`;
    try {
      refuseOther(header, { ...ref, run: this.#run }, where);
      // An earlier invocation may have brought it home: its part contains the rows that it took from this file.
      const home = await indexesIn(part);
      const isOurs = (index: number) => home.has(index) || !parts.done.has(index);
      const indexes = await writeAccount(account, file);
      if (indexes.some((index) => isOurs(index) && !home.has(index)))
        await takeResults(file, part, indexes.every(isOurs) ? null : isOurs);
      await this.#oneByOne(() => this.#tell(account, header, file.end, isOurs));
    } finally {
      await file.close();
      await rm(account, { force: true });
      await rm(copyOf(part), { force: true });
    }
    const { rows, results, failed, worker: id, host } = header;
    return { ...ref, rows, results, failed, worker: { id, host } };
  }

  async #tell(
    account: string,
    { worker, startedUs, clock }: ChunkHeader,
    end: ChunkEnd,
    isOurs: (index: number) => boolean,
  ): Promise<void> {
    const ourUs = startedUs + (clock === null ? 0 : clock.offsetUs - this.#ownOffsetUs);
    const engine = `${worker} ${startedUs}`;
    const piece = this.#engines.get(engine) ?? this.#watcher.records.inPieces();
    this.#engines.set(engine, piece);
    const sink = piece(ourUs);
    let behind: Promise<void> | undefined;
    await eachRow(account, (line) => {
      const read = JSON.parse(line.toString('utf8')) as AccountLine;
      if (read.kind !== 'took') behind = sink(read);
      else if (isOurs(read.index)) {
        this.#results++;
        this.#watcher.took(read);
      }
    });
    await behind;
    this.#ends.push({ ...end, engine, startedUs: ourUs });
  }

  #oneByOne(work: () => Promise<void>): Promise<void> {
    const done = this.#telling.then(work);
    this.#telling = done.catch(() => {}); // the caller of bring() gets the error
    return done;
  }
}

/** One for each engine. */
function proofsOf(
  ends: readonly Pick<ChunkEnd & { readonly engine: string }, 'engine' | 'endedUs' | 'proof'>[],
): readonly ConcurrencySummary[] {
  const inOrder = ends.toSorted((one, other) => one.endedUs - other.endedUs);
  const byEngine = Map.groupBy(inOrder, ({ engine }) => engine);
  return [...byEngine.values()].map((own) => joinedProof(own.map(({ proof }) => proof)));
}

/** The chunks of a request's round that have a file. @throws StorageError */
export async function* listChunks(
  storage: Storage,
  run: string,
  request: string,
  round: number,
): AsyncGenerator<number> {
  for await (const name of storage.list(chunksPrefix(run, request))) {
    const ref = chunkOf(name);
    if (ref?.round === round) yield ref.chunk;
  }
}

/** Puts the account aside: it is told when the results are home, all at once. Returns the row of each result. */
async function writeAccount(path: string, file: ChunkFile): Promise<readonly number[]> {
  const lines = await openLines(path);
  const indexes: number[] = [];
  try {
    for await (const line of file.account()) {
      if (line.startsWith('{"kind":"took"')) indexes.push((JSON.parse(line) as Took).index);
      await lines.add(line);
    }
  } finally {
    await lines.close();
  }
  return indexes;
}

/** The results become a part of the run's folder when they are all on the disk. `keeps`: which rows; null: all. */
async function takeResults(
  file: ChunkFile,
  part: string,
  keeps: ((index: number) => boolean) | null,
): Promise<void> {
  const copy = copyOf(part);
  await pipeline(file.results(), createWriteStream(copy, { mode: 0o600 }));
  if (keeps !== null) await filterRows(copy, (line) => keeps(partRowOf(line)!.index));
  await using written = await open(copy, 'r');
  await written.sync();
  await rename(copy, part);
}

function copyOf(part: string): string {
  return `${part}.new`;
}

async function indexesIn(part: string): Promise<Bits> {
  const indexes = new Bits();
  if (!existsSync(part)) return indexes;
  await eachRow(part, (line) => {
    const row = partRowOf(line);
    if (row !== null) indexes.add(row.index);
  });
  return indexes;
}

function refuseOther(header: ChunkHeader, wanted: ChunkRef & { readonly run: string }, where: string): void {
  const { run, request, chunk, round } = header;
  if (run === wanted.run && request === wanted.request && chunk === wanted.chunk && round === wanted.round)
    return;
  throw new ChunkError(
    'other-run',
    `${where} is of another chunk: ${run}, ${request} ${chunk}, round ${round}. It was renamed or copied there.`,
  );
}
