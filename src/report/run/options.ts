import type { Verdict } from '../../diagnose/index.ts';
import type { Execution, Parts, Watcher } from '../../execute/index.ts';
import type { ConcurrencySummary } from '../../fetch/index.ts';
import type { Tally } from '../../tally/index.ts';
import type { Checked, Dump, Dumped, Report, Request, Tables } from '../report.ts';
import type { RunMode } from './folder.ts';
import type { PlannedRow, PlannedRows } from './rows.ts';

/** How a report is run. */
export interface RunOptions {
  readonly mode: RunMode;
  /** The run's folder; null: one of its own among those of the report. */
  readonly out: string | null;
  /** Threads that fetch. */
  readonly workers: number;
  /** Of this program, for the trace. */
  readonly version: string;
  /** The command line, for the trace. */
  readonly command: readonly string[];
  /** What the file may say otherwise than it means: told before the run, and in its summary as JSON. */
  readonly warnings: readonly string[];
  /** The run's name, where it has one before it begins. */
  readonly id?: string;
  /** Lets other processes fetch; default: this one does. */
  readonly distribution?: Distribution;
}

/** Lets other processes fetch the rows of a run, and brings home what came of them. */
export interface Distribution {
  /** This process does a part of the run, and others the rest: it makes no tables. `number`: from 1. */
  readonly shard?: { readonly number: number; readonly of: number };
  /** Once, before the first request. `startedUs`: the zero of the trace's times. @throws ReportError */
  begin(run: DistributedRun): Promise<{ readonly startedUs: number }>;
  /** Before the run begins: refuses rows that it can't share. @throws ReportError */
  refuse?(planned: DistributedOrder['planned']): void;
  /** Fetches what is not done of a request's rows. The watcher may hear of rows that were done before, once more. */
  execute(order: DistributedOrder, watcher: Watcher): Execution;
  /** Once, at the end, whatever that was. */
  end(finished: boolean): Promise<void>;
}

/** A run, for its distribution. */
export interface DistributedRun {
  readonly id: string;
  readonly report: Report;
  readonly folder: string;
  /** From 1: a further one begins with each --retry-failed. */
  readonly round: number;
  /** When the round began: Unix epoch, milliseconds. */
  readonly begunAt: number;
  /** The hash of what the requests ask for. */
  readonly requests: string;
}

/** One request of a run. */
export interface DistributedOrder {
  readonly request: Request;
  readonly round: number;
  /** All rows, and the name that their source has in the plan. */
  readonly planned: PlannedRows & { readonly name: string };
  /** Where the results go, and which rows are done. */
  readonly parts: Parts;
  /** The rows that are not done, chunk k with those from k * chunkRows on; chunks without such rows are left out. */
  chunks(chunkRows: number): AsyncIterable<Chunk>;
}

/** Rows that are fetched together. */
export interface Chunk {
  /** From 0. */
  readonly chunk: number;
  readonly rows: readonly ChunkRow[];
}

/** A row of a chunk, and its place among all rows. */
export interface ChunkRow extends PlannedRow {
  readonly index: number;
}

/** What a run is doing. */
export type Phase = 'beginning' | 'fetching' | 'crunching' | 'dumping';

/** The state of a run, for a progress line: of this invocation. */
export interface ReportProgress {
  readonly phase: Phase;
  /** The request that is being fetched. */
  readonly request: string | null;
  /** Rows. */
  readonly done: number;
  readonly failed: number;
  /** GETs. */
  readonly inFlight: number;
  /** Rows of all requests, less those done before. */
  readonly total: number | null;
  /** Later requests have rows that are not known yet. */
  readonly isEstimate: boolean;
}

/** A report under way. */
export interface ReportRun {
  /** The run's folder, and whether the run is resumed; fails as `finished` does. */
  readonly begun: Promise<{ readonly folder: string; readonly resumed: boolean }>;
  readonly finished: Promise<ReportOutcome>;
  progress(): ReportProgress;
  /** Nothing new is begun, what is in flight is finished and stored. `by`: the signal. */
  stop(by: string): void;
  /** What is in flight is given up too. */
  abort(): void;
}

/** What came of one request. */
export interface RequestOutcome {
  readonly name: string;
  readonly rows: number;
  /** Rows that have all their results, those of earlier invocations included. */
  readonly done: number;
  readonly doneBefore: number;
  /** Of the rows that are done. */
  readonly failed: number;
  /** Results of this invocation, a row's pages counted one by one. */
  readonly results: number;
  /** Answers that were not sent again, because they had not changed (304). */
  readonly unchanged: number;
  /** Rows with more pages than may be asked for. */
  readonly cut: number;
}

/** The result of a run. */
export interface ReportOutcome {
  readonly report: string;
  readonly folder: string;
  readonly resumed: boolean;
  /** All was fetched, crunched, checked and dumped. Else `--resume` goes on. */
  readonly finished: boolean;
  /** Why it was not; null when it was. */
  readonly stopped: Stopped | null;
  /** The deadline came before the end, and tables were made of what there was. */
  readonly partial: boolean;
  /** Of fetching, in this invocation. */
  readonly wallMs: number;
  readonly requests: readonly RequestOutcome[];
  /** How concurrent this invocation was, all its requests and workers together. */
  readonly proof: ConcurrencySummary;
  readonly verdict: Verdict;
  /** What this invocation fetched. */
  readonly tally: Tally;
  /** Requests that were given up by a second interrupt or the deadline: --resume fetches them. */
  readonly abandoned: number;
  /** Whether more rows failed than may. */
  readonly tooManyFailed: boolean;
  readonly checks: readonly Checked[];
  readonly dumps: readonly Dumped[];
  readonly trace: string;
  /** Why a run that had not ended was left as it is, and this one begun; null: there was none. */
  readonly notResumed: string | null;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly exitCode: 0 | 1 | 2 | 3 | 130;
}

/** Why a run ended before its end. */
export type Stopped =
  | { readonly why: 'interrupt'; readonly by: string; readonly twice: boolean }
  | { readonly why: 'deadline'; readonly text: string }
  /** Some rows were not fetched by any process. */
  | { readonly why: 'missing'; readonly text: string }
  /** A disk, a query, a destination: what is wrong and what to do. */
  | { readonly why: 'fault'; readonly phase: Phase; readonly text: string; readonly exitCode: 2 | 3 };

/** The functions that a run needs for its SQL; tests replace them. */
export interface Crunch {
  openTables(
    report: Report,
    of: { readonly folder: string | null; readonly startedAt: Date; readonly reads?: readonly string[] },
  ): Promise<Tables>;
  dump(
    dump: Dump,
    tables: Tables,
    of: { readonly report: Report; readonly startedAt: Date },
  ): Promise<Dumped>;
}
