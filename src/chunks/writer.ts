import type { RequestWorker } from '../execute/index.ts';
import type { ActiveChunk } from './active-chunk.ts';
import type { SharedRun } from './description.ts';
import type { ChunkDone, FetcherOptions } from './fetcher.ts';
import { readHeader } from './file.ts';
import { CHUNK_FORMAT, type ChunkEnd, type ChunkHeader } from './format.ts';
import { type ChunkRef, chunkName } from './names.ts';
import { ProofShares } from './proof-shares.ts';

/** Writes the chunk files of one engine. */
export class ChunkWriter {
  readonly #shared: SharedRun;
  readonly #options: Pick<FetcherOptions, 'worker' | 'clock'>;
  readonly #proofs = new ProofShares();
  /** The engine's unchanged answers that are in a file. */
  #unchanged = 0;

  constructor(shared: SharedRun, options: Pick<FetcherOptions, 'worker' | 'clock'>) {
    this.#shared = shared;
    this.#options = options;
  }

  /** A chunk whose file is there already; null: there is none. @throws ChunkError, StorageError */
  async find(ref: ChunkRef): Promise<ChunkDone | null> {
    const { storage, description } = this.#shared;
    const header = await readHeader(storage, chunkName(description.run, ref));
    return header === null ? null : doneOf(header, true);
  }

  /** Writes the file of a chunk that is whole. `startedUs`: the zero of the engine's times. @throws StorageError, StoreError */
  async write(active: ActiveChunk, engine: RequestWorker, startedUs: number): Promise<ChunkDone> {
    const { storage, description } = this.#shared;
    const { ref, spool } = active;
    const { share, undo } = this.#proofs.next(engine.proof());
    const unchanged = engine.unchanged - this.#unchanged;
    this.#unchanged += unchanged;
    const header = this.#header(active, startedUs);
    let isWritten = false;
    try {
      const end: ChunkEnd = {
        kind: 'results',
        lines: header.results,
        endedUs: Math.round((performance.timeOrigin + performance.now()) * 1000) - startedUs,
        proof: share,
        unchanged,
        notes: [],
      };
      const path = await spool.pack(header, end);
      isWritten = await storage.writeOnce(chunkName(description.run, ref), { path });
      return (isWritten ? null : await this.find(ref)) ?? doneOf(header, !isWritten);
    } finally {
      // What is in no file goes into the next one.
      if (!isWritten) {
        undo();
        this.#unchanged -= unchanged;
      }
    }
  }

  #header({ ref, counts }: ActiveChunk, startedUs: number): ChunkHeader {
    const { worker, clock } = this.#options;
    return {
      kind: 'chunk',
      format: CHUNK_FORMAT,
      run: this.#shared.description.run,
      ...ref,
      worker: worker.id,
      host: worker.host,
      startedUs,
      clock: clock?.() ?? null,
      ...counts,
    };
  }
}

function doneOf({ request, chunk, round, rows, results, failed }: ChunkHeader, already: boolean): ChunkDone {
  return { request, chunk, round, rows, results, failed, already };
}
