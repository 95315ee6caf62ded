import type { EngineRecord, Took } from '../execute/index.ts';
import type { ConcurrencySummary } from '../fetch/index.ts';
import type { ChunkRef } from './names.ts';

/**
 * The format of a chunk file: JSON Lines, compressed by zstd. First the header, then the account (an `AccountLine` each),
 * then the end, and after that the results, as in a part of a run. So a reader that needs no results stops before them.
 */
export const CHUNK_FORMAT = 1;

/** The first line. */
export interface ChunkHeader extends ChunkRef {
  readonly kind: 'chunk';
  readonly format: number;
  readonly run: string;
  readonly worker: Worker['id'];
  readonly host: Worker['host'];
  /** Unix epoch, microseconds, on the worker's clock: the zero of the records' times. It also names the worker's engine. */
  readonly startedUs: number;
  readonly clock: Clock | null;
  /** Rows, all with all their results; how many of them failed; the results. */
  readonly rows: number;
  readonly failed: number;
  readonly results: number;
}

/** The process that fetched. */
export interface Worker {
  readonly id: string;
  readonly host: string;
}

/** How a clock differs from the one that all processes of a run compare theirs with. */
export interface Clock {
  /** To be added to the own time. */
  readonly offsetUs: number;
  /** The largest error of it, in both directions. */
  readonly errorUs: number;
}

/**
 * What the rows of a chunk caused: records of exchanges, each after the record of its connection, and the count of each
 * result. Without secrets.
 */
export type AccountLine = EngineRecord | ({ readonly kind: 'took' } & Took);

/** The line before the results. */
export interface ChunkEnd {
  readonly kind: 'results';
  /** Lines that follow. */
  readonly lines: number;
  /** Since the engine's start, microseconds: when the chunk was whole. */
  readonly endedUs: number;
  /** What the engine adds to the proof of the run since the file before: shares of all its files add up to its own. */
  readonly proof: ConcurrencySummary;
  /** Answers that were not sent again since then, because they had not changed. */
  readonly unchanged: number;
  readonly notes: readonly string[];
}
