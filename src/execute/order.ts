import type { ErrorCode, HostLimit, Options } from '../fetch/index.ts';

/** What is to be fetched, and how. */
export interface Order {
  /** What is not done yet, by index. */
  readonly jobs: AsyncIterable<Job>;
  /** How many jobs there are. */
  readonly count: number;
  /** Threads that fetch; one is this thread. */
  readonly workers: number;
  /** Where results go: a folder that openParts() has made ready. */
  readonly parts: { readonly folder: string; readonly attempt: number };
  readonly how: How;
}

/** How each of its GETs is made. Plain data, which can be sent to other threads. */
export interface How {
  readonly options: FetchOptions;
  readonly good: GoodAnswer;
  readonly pages: NextPages | null;
  /** A folder with answers to be asked for again conditionally; null: none is kept. */
  readonly cache: string | null;
}

/** Of the run as a whole: concurrency, limits by host, rates and memory are shared out among its threads. */
export type FetchOptions = Omit<
  Options,
  'perOrigin' | 'next' | 'good' | 'signal' | 'onResponse' | 'onError'
> & {
  readonly concurrency: number;
  readonly perOrigin: readonly HostLimit[];
};

/** The work of one row. */
export type Job = GetJob | BadJob;

export interface GetJob {
  /** Place among all rows, from 0. */
  readonly index: number;
  /** The row, without what may not be written. */
  readonly data: unknown;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that stay with the origin of `url`. */
  readonly credentials: readonly string[];
  /** Texts that are replaced by `***` wherever something is written. */
  readonly secrets: readonly string[];
}

/** A row from which no request can be made: its result is this error. */
export interface BadJob {
  readonly index: number;
  readonly data: unknown;
  readonly error: string;
  /** 'bad-row', when it is left out. */
  readonly code?: ErrorCode;
}

/** Which answers are good. */
export interface GoodAnswer {
  /** Ranges, both ends included. */
  readonly status: readonly (readonly [number, number])[];
  /** Media types, `type/subtype` or `type/*`; null: any. */
  readonly contentType: readonly string[] | null;
}

/** How the next page is found; at most `most` pages of one row are asked for. */
export type NextPages = { readonly most: number } & (
  | { readonly next: 'link' }
  /** A JSON path to the next URL, absolute or relative. */
  | { readonly next: 'url'; readonly path: string }
  /** A JSON path to a cursor, which goes into this query parameter. */
  | { readonly next: 'cursor'; readonly path: string; readonly parameter: string }
  /** A query parameter that counts from `start` by `step`, until the JSON array at `items` is empty or missing. */
  | {
      readonly next: 'counter';
      readonly parameter: string;
      readonly start: number;
      readonly step: number;
      readonly items: string;
    }
);

/** Rows are handed out and counted in pieces of this many. */
export const CHUNK_ROWS = 500;
