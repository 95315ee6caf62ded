import type { Place } from '../document/index.ts';
import type { GoodAnswer, NextPages } from '../execute/index.ts';
import type { Duration, Rate } from '../fetch/index.ts';
import type { FailureLimit } from '../tally/index.ts';

/** A report file that was read and found right: every default filled in, every template parsed. */
export interface Report {
  /** The file, as it was named. */
  readonly file: string;
  /** What it says, as it was written. */
  readonly text: string;
  /** Its folder: relative paths in it are from there. Files that are read (rows, ca) and `cache` are resolved already. */
  readonly folder: string;
  readonly name: string;
  /** IANA name; dates in dump names are of this zone. */
  readonly timezone: string;
  /** What every request without rows of its own goes over; the table `rows`. null: one empty row. */
  readonly rows: RowsFrom | null;
  readonly requests: readonly Request[];
  readonly limits: Limits;
  readonly crunch: readonly Query[];
  readonly checks: readonly Query[];
  /** How many rows may fail; none unless the file says so. */
  readonly maxFailed: FailureLimit;
  readonly dumps: readonly Dump[];
  /** Run folders that are kept. */
  readonly keep: number;
  /** Columns whose values never leave memory. */
  readonly secret: readonly string[];
  /** The command runs a test server as long as the run, and `${TEST_SERVER}` is where it is. */
  readonly testServer: { readonly host: string } | null;
}

/** Where rows come from. SQL sees the tables before it: `rows`, and earlier requests by name. */
export type RowsFrom = {
  readonly place: Place;
  /** New names of columns, by their names in the source: those of results are taken. */
  readonly rename?: Readonly<Record<string, string>>;
} & (
  | { readonly inline: readonly Readonly<Record<string, unknown>>[] }
  | { readonly file: string; readonly format: 'csv' | 'jsonl' | 'parquet' }
  /** `files`: tables of this query alone, by name. */
  | { readonly sql: string; readonly files: Readonly<Record<string, RowsFile>> }
);

/** A file: its path, or `s3://bucket/name`. */
export interface RowsFile {
  readonly file: string;
  readonly format: 'csv' | 'jsonl' | 'parquet';
}

/** One GET per row, or per page of a row; its results are the table `name`. */
export interface Request {
  readonly name: string;
  readonly place: Place;
  readonly rows: RowsFrom | null;
  readonly url: Template;
  /** Appended to the URL, encoded; a value that is missing leaves its pair out. */
  readonly query: readonly Field[];
  readonly headers: readonly Field[];
  /** The first whose `origins` match the URL is sent. */
  readonly auth: readonly Auth[];
  readonly insecure: boolean;
  /** PEM file of authorities to trust. */
  readonly ca: string | null;
  /** Of the key exchange, by OpenSSL's names with colons between; null: all that are safe. */
  readonly curves: string | null;
  readonly good: Good;
  readonly pages: Pages | null;
  /** Answers are kept in this folder and asked for again conditionally (RFC 9110 §13); null: not kept. */
  readonly cache: string | null;
}

export interface Field {
  readonly name: string;
  readonly value: Template;
}

/** Text with holes: `https://{{host}}/?key=${KEY}`. */
export interface Template {
  /** Of its first character. */
  readonly place: Place;
  /** As it was written, variables by their names. */
  readonly text: string;
  readonly parts: readonly Part[];
}

/** Constant text, a variable of the environment, or a column of the row. */
export type Part = string | Variable | Hole;

/** `${NAME}`, `${NAME:-default}`, as it was when the file was read. */
export interface Variable {
  readonly variable: string;
  readonly value: string;
}

/** `{{column}}`, `{{column|default}}`, `{{?column:text with {{column}}}}` of a template. */
export interface Hole {
  /** A column, or a path into it: `user.name`. */
  readonly column: string;
  /** Where in `text` it begins, in UTF-16 code units. */
  readonly offset: number;
  /** Replaces a missing value; null: a row that misses it is an error of that row. */
  readonly fallback: readonly Part[] | null;
  /** Replaces an existing value; null: the value itself. */
  readonly whenThere: readonly Part[] | null;
}

/** Goes only to URLs whose origin matches one of `origins` (`*.example.com`, `https://example.com:8443`); to each when null. */
export interface Auth {
  readonly place: Place;
  readonly origins: readonly string[] | null;
  readonly header:
    | { readonly basic: { readonly user: Template; readonly password: Template } }
    | { readonly bearer: Template }
    /** The first line that a command prints, as the value of the header `name`; run once a run. */
    | { readonly command: readonly string[]; readonly name: string };
}

/** What counts as a good answer. */
export interface Good extends GoodAnswer {
  /** A condition over the columns of the request's table; a row for which it is not true failed. */
  readonly sql: Query | null;
}

/** How the next page is found. */
export type Pages = NextPages & {
  /** Of the path into the answer, where there is one. */
  readonly place: Place;
};

/** Of the run as a whole, however many workers there are. */
export interface Limits {
  readonly concurrency: number;
  /** GETs in flight at one origin, by host pattern (`*.example.com`, `*`), the first that matches. */
  readonly perOrigin: readonly (readonly [pattern: string, most: number])[];
  readonly rate: Rate | null;
  readonly perOriginRate: Rate | null;
  readonly timeout: Duration;
  readonly connectTimeout: Duration;
  readonly firstByteTimeout: Duration;
  readonly idleTimeout: Duration;
  readonly retries: number;
  readonly maxRetryAfter: Duration;
  /** For the whole run; what is not done then is 'not done', and --resume goes on. */
  readonly deadline: Duration | null;
  readonly adapt: boolean;
  /** Connect to public addresses only. */
  readonly blockPrivate: boolean;
  readonly maxBodyBytes: number;
  /** Of all bodies together while they are fetched, and of what SQL holds in memory. */
  readonly maxMemoryBytes: number;
}

/** SQL with a name: the table it makes, or the check it is. */
export interface Query {
  readonly name: string;
  readonly sql: string;
  /** Of the SQL's first character. */
  readonly place: Place;
}

/** A table written somewhere. */
export interface Dump {
  readonly table: string;
  readonly place: Place;
  readonly to:
    | { readonly kind: 'terminal' }
    /** `{{date}}`, `{{time}}`, `{{name}}` in the path. A relative one stays below the folder, an absolute one is meant. */
    | {
        readonly kind: 'csv' | 'jsonl' | 'parquet' | 'markdown' | 'prometheus';
        /** Or `s3://bucket/name`. */
        readonly path: string;
        /** For CSV: no cell is one that a spreadsheet takes for a formula. */
        readonly csvSafe?: boolean;
      }
    | {
        readonly kind: 'duckdb';
        readonly path: string;
        readonly mode: 'replace' | 'append' | 'upsert';
        /** The columns that name a row, for upsert. */
        readonly key: readonly string[];
      }
    | { readonly kind: 'webhook'; readonly url: Template; readonly headers: readonly Field[] };
}

// Types that reading, running and crunching share.

/** A row of data: its columns, with values as JSON has them (no bigint, no Date). */
export type Row = Readonly<Record<string, unknown>>;

/** The URL and headers of a request for a row; or why there are none: a missing value, an invalid URL. */
export type Asked =
  | {
      readonly url: string;
      /** The request's headers and auth, for the origin of `url`; names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** Those of them that never go to another origin, on a redirect or to a next page. */
      readonly credentials: readonly string[];
      /**
       * What must never be written, encoded as in `url` and `headers` and unencoded: values of secret columns and
       * of variables, raw and encoded. Writers replace each of them by `***`, longest first.
       */
      readonly secrets: readonly string[];
    }
  | { readonly error: string };

/** A request made ready: commands for headers were run, files read. */
export interface Ask {
  ask(row: Row): Asked;
  /** PEM text of authorities to trust; null: the default ones. */
  readonly ca: string | null;
}

/**
 * The database of a run, in its folder. Tables: `rows`, one for each request, then one for each query. All of it is
 * made again by each invocation, from the plan and the parts.
 */
export interface Tables {
  /** The rows, secret columns included, in an order that is the same every time. @throws ReportError */
  rows(from: RowsFrom): AsyncIterable<Row>;
  /** Makes the table `rows` of JSON Lines, which have no secret columns. */
  addRows(file: string): Promise<void>;
  /**
   * Makes the table of a request. `parts`: JSON Lines as `abreast get` writes them, and after `index` also `page`
   * (from 1), `more` (another page follows) and `chunk`; `data` is the row without secret columns. Every index and
   * page is there at most once.
   */
  addResults(request: Request, parts: readonly string[]): Promise<GoodSqlResult>;
  /** Makes a table of a query. @throws ReportError with the place in the file. */
  query(query: Query): Promise<void>;
  /** Whether the query returns no row. @throws ReportError */
  check(query: Query): Promise<Checked>;
  close(): Promise<void>;
}

/** What `good.sql` found among the results that had no error before. */
export interface GoodSqlResult {
  readonly results: number;
  /** Indexes of rows that are not good; their `error` in the table is `{code: 'not-good', text}`. */
  readonly notGood: readonly number[];
  /** The first of them. */
  readonly example: { readonly url: string; readonly text: string } | null;
}

/** The result of a check. */
export interface Checked {
  readonly name: string;
  readonly good: boolean;
  /** How many rows it returned, and the first of them (at most 5), to be shown. */
  readonly rows: number;
  readonly first: readonly Row[];
}

/** A dump that was written. */
export interface Dumped {
  readonly table: string;
  /** The path, `terminal`, or the webhook's origin. */
  readonly to: string;
  readonly rows: number;
  /** What to print, for the terminal. */
  readonly shown: Shown | null;
}

/** The first rows of a table, as text for people. */
export interface Shown {
  readonly columns: readonly { readonly name: string; readonly right: boolean }[];
  readonly rows: readonly (readonly string[])[];
}
