import type { EngineRecord, Took } from '../execute/index.ts';
import type { ConcurrencySummary } from '../fetch/index.ts';
import type { ChunkRef } from './names.ts';

/**
 * What a chunk file is made of: JSON Lines under zstd. First the header, then what its rows caused (an `AccountLine`
 * each), then the end, and after that the results, as a part of a run has them. So a reader that wants no results need not
 * read them.
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

/** Who fetched. */
export interface Worker {
  readonly id: string;
  readonly host: string;
}

/** How a clock compares with the one that all processes of a run know. */
export interface Clock {
  /** To be added to the own time. */
  readonly offsetUs: number;
  /** How wrong that may be, both ways. */
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
