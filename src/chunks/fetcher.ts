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
