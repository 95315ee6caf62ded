import type { Connection, ConnectionClosed, Exchange } from '../trace/index.ts';
import type { Input } from './input.ts';
import type { Reader } from './option-names.ts';
import type { HostLimit, Options } from './options.ts';
import type { Result } from './result.ts';

/** Why a slot had no request in flight without fault of the engine. */
export type GivenUpTo =
  | 'per-origin'
  | 'rate'
  | 'per-origin-rate'
  | 'adapting'
  | 'back-off'
  | 'decoding'
  | 'slow input'
  /** Where other processes fetch: none was there; chunks of one that is gone; chunks not handed out; limits on their way. */
  | 'no worker'
  | 'lost worker'
  | 'planning'
  | 'sharing';

/** Where the results of a run go. */
export interface Sink<Data = unknown> {
  /** Takes one result; while a returned promise is pending no new request is started. */
  result(result: Result<Data>): void | Promise<void>;
  /**
   * What it is given is only looked at: bodies until result() returns, or its promise is fulfilled, as their memory is
   * used again; headers without changing them, as answers with the same head share them.
   */
  readonly borrows?: boolean;
  /** Who reads the errors: they name options as this reader knows them ('library'). */
  readonly reader?: Reader;
  /**
   * Takes what a trace is made of, as it happens. Times are in microseconds since `startedUs` of the run. `input`:
   * what an exchange is for.
   */
  record?(record: Connection | ConnectionClosed | Exchange, input?: string | Input<Data>): void;
}

/** The state of a run, for a progress line. */
export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Slots in use: dispatched and not done. */
  readonly busy: number;
  /** Taken from the input and not done. */
  readonly pending: number;
}

/** How concurrent a run was, by its own meter: see proof.ts. */
export interface ConcurrencySummary {
  /** Mean number of requests sent and not read, over the time in which at least one was wanted. */
  readonly inFlightMean: number;
  readonly inFlightMax: number;
  /** Mean number that could have been: min(concurrency, what the input could give), less what was given up. */
  readonly wantedMean: number;
  /** inFlightMean / wantedMean: a free slot while input remains counts against the engine. */
  readonly overlap: number;
  /** The time in which at least one was wanted: what the means are over. */
  readonly activeMs: number;
  /** Slot-milliseconds given up, by reason. */
  readonly givenUpMs: Readonly<Partial<Record<GivenUpTo, number>>>;
  /** Share of the time in which the event loop was busy; above 0.9 the client was the bottleneck. */
  readonly loopBusy: number;
}

/** What a run was, when it has ended. */
export interface RunSummary {
  readonly startedUs: number;
  readonly wallMs: number;
  readonly requests: number;
  readonly failed: number;
  /** true when stop() or the signal ended it before the input did. */
  readonly stopped: boolean;
  readonly proof: ConcurrencySummary;
  /** What the user should know: fewer slots than asked because of ulimit, a store that could not be read. */
  readonly notes: readonly string[];
}

/** Limits that can be changed during a run; a limit that is left out does not change. */
export interface LiveLimits {
  /** At most that of the run's options; 0 holds everything back. */
  readonly concurrency?: number;
  readonly perOrigin?: readonly HostLimit[];
  /** Requests a second; only for a run that has such a rate. */
  readonly ratePerS?: number;
  readonly perOriginRatePerS?: number;
}

/** An origin at one moment, as other processes that send to it should know it. */
export interface OriginState {
  readonly origin: string;
  /** The pattern of the limit by origin that holds for it; null: none does. */
  readonly limitedBy: string | null;
  /** Requests that are dispatched and not done. */
  readonly active: number;
  /** For how long nothing is sent to it, because it asked for that; 0: it is not paused. */
  readonly pausedMs: number;
}

/** A run under way. */
export interface Run {
  /** Unix epoch, microseconds: the zero of the records' times. */
  readonly startedUs: number;
  readonly finished: Promise<RunSummary>;
  progress(): Progress;
  /** How concurrent it was until now. */
  proof(): ConcurrencySummary;
  /** Starts nothing new; what is in flight is finished. What waits, for its start or for another attempt, gives no result. */
  stop(): void;
  /** Changes the limits from now on; what is in flight stays. */
  limit(limits: LiveLimits): void;
  /** Origins that have requests, or are paused. */
  origins(): readonly OriginState[];
  /** Nothing is sent to an origin for so long, as when it asked for it. */
  pause(origin: string, ms: number): void;
}

/** Starts GETting what `source` gives and hands every result to `sink`. @throws TypeError for a bad option. */
export type StartRun = <Data>(
  source: Iterable<string | Input<Data>> | AsyncIterable<string | Input<Data>>,
  sink: Sink<Data>,
  options?: Options<Data>,
) => Run;
