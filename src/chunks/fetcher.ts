import type { Shares, Watcher, WorkerEnd } from '../execute/index.ts';
import type { OriginState } from '../fetch/index.ts';
import type { ChunkRow } from '../report/index.ts';
import type { Clock, Worker } from './format.ts';
import type { ChunkRef } from './names.ts';

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
  /** Another process had written the file before. */
  readonly already: boolean;
}

/** How a fetcher works. */
export interface FetcherOptions {
  /** Its share of the run's limits. */
  readonly limits: Shares;
  readonly worker: Worker;
  /** A folder for chunks that are not whole yet; it is made when it is needed. */
  readonly scratch: string;
  /** For all bodies together. Default: the report's. */
  readonly maxMemoryBytes?: number;
  /** Gets all exchanges and results, also those of chunks that are given up. */
  readonly watcher?: Watcher;
  /** Called when a chunk is whole. */
  readonly clock?: () => Clock | null;
}

/** Fetches chunks of one request, any number at once. It writes a file of each into the storage, complete or not at all. */
export interface ChunkFetcher {
  /**
   * Resolves when the chunk's file is there. The same chunk twice is fetched once.
   * @throws ChunkError 'given-up', StorageError, StoreError, and what `rows` throws
   */
  fetch(chunk: ChunkRows): Promise<ChunkDone>;
  limit(limits: Shares): void;
  /** Origins that have requests, or are paused. */
  origins(): readonly OriginState[];
  /** Sends nothing to an origin for so long, because the origin asked another process to wait. */
  pause(origin: string, ms: number): void;
  /** GETs sent and not read. */
  readonly inFlight: number;
  /** Slots in use. */
  readonly busy: number;
  /** Its rows that are not finished. A chunk whose rows are still being read counts as full. */
  readonly pending: number;
  /** Resolves when at most this many rows are pending. The caller then adds a chunk, so that the engine never waits. */
  room(rows: number): Promise<void>;
  /** Finishes the chunks that have begun, and gives up the others. */
  stop(): void;
  /** Gives up all chunks that are not whole. */
  abort(): void;
  /** Waits for all chunks, and ends the engine. */
  close(): Promise<WorkerEnd>;
}
