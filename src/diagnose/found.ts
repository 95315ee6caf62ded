/** What a rule finds in a trace: facts, and what to do. */
import type { Limit, Patch } from '../trace/index.ts';
import type { CodeLine } from './languages/frames.ts';

/** What to do, in the words of each language, and in words that fit any. */
export interface Fix {
  readonly any: string;
  readonly python?: string;
  readonly node?: string;
  readonly ruby?: string;
}

export interface Reference {
  readonly url: string;
  readonly title: string;
  /** Of programs in this language alone. */
  readonly language?: string;
}

/** What a rule found in a trace. */
export interface CauseFound {
  readonly confidence: Confidence;
  /** The part of the wall time that it took, 0 to 1. */
  readonly share: number;
  /** One sentence for people. */
  readonly text: string;
  /** What else explains it, a sentence each. */
  readonly because?: readonly string[];
  /** Lines of code: the program's own first, then those of libraries. */
  readonly places: readonly CodeLine[];
  /** The module that brought it about. */
  readonly from?: ModuleVersion;
  /** What was seen. */
  readonly evidence: readonly Observation[];
  /** Where this one needs other words than all of its kind. */
  readonly fix?: string | null;
  readonly reference?: Reference | null;
}

export type Confidence = 'certain' | 'likely' | 'possible';

export interface ModuleVersion {
  readonly module: string;
  readonly version?: string;
}

/** Something that was seen, as a fact: times in milliseconds. */
export type Observation =
  | { readonly kind: 'limit'; readonly limit: Limit }
  | { readonly kind: 'patch'; readonly patch: Patch }
  /** Never more than `level` were under way at once, while up to `waiting` waited. */
  | { readonly kind: 'plateau'; readonly level: number; readonly waiting: number }
  /** As many as `max` were in flight for this part of the time, and never more. */
  | { readonly kind: 'in-flight'; readonly max: number; readonly full: number }
  /** Units of work that waited. */
  | {
      readonly kind: 'waits';
      readonly waits: number;
      readonly exchanges?: number;
      readonly ms: number;
      readonly at?: CodeLine;
    }
  /** A thread that was held. */
  | {
      readonly kind: 'blocks';
      readonly blocks: number;
      readonly threads: readonly number[];
      readonly call: string;
      readonly descriptors?: number;
      readonly ms: number;
      /** How many requests waited meanwhile, at most. */
      readonly unsent?: number;
    }
  /** Exchanges of one line, each after the one before was read. */
  | { readonly kind: 'in-turn'; readonly exchanges: number; readonly at: string | null }
  /** Rounds of requests, each wanted when the last of the round before was read. */
  | { readonly kind: 'batches'; readonly size: number; readonly batches: number }
  /** Exchanges that were handed over long before they were called. */
  | { readonly kind: 'handed-over'; readonly exchanges: number; readonly at: CodeLine }
  | { readonly kind: 'thread'; readonly thread: number; readonly exchanges: number }
  | { readonly kind: 'exchange'; readonly id: number; readonly connection?: number; readonly error?: string }
  | {
      readonly kind: 'unread';
      readonly exchange: number;
      readonly connection: number;
      readonly ms: number;
      readonly error?: string;
    }
  | { readonly kind: 'process'; readonly pid: number; readonly parent?: number; readonly name: string }
  | { readonly kind: 'connection'; readonly id: number; readonly protocol: string }
  /** Exchanges that opened a connection though one was unused, or had been closed after one request. */
  | { readonly kind: 'reopened'; readonly exchanges: number }
  /** A connection that took so long to open, or an attempt that came to nothing. */
  | {
      readonly kind: 'connect';
      readonly connection: number;
      readonly remote: string;
      readonly ms: number;
      readonly failed: boolean;
    }
  | { readonly kind: 'look-up'; readonly host: string; readonly connection: number; readonly ms: number }
  | {
      readonly kind: 'portions';
      readonly lookUps: number;
      readonly atOnce: number;
      readonly firstMs: number;
      readonly lastMs: number;
    }
  /** A write that the kernel held back. */
  | { readonly kind: 'held-write'; readonly connections: readonly number[]; readonly ms: number }
  /** Calls at even distances. */
  | { readonly kind: 'rhythm'; readonly calls: number; readonly everyMs: number }
  /** Sent within a time, answered over another. */
  | {
      readonly kind: 'burst';
      readonly exchanges: number;
      readonly sentMs: number;
      readonly answeredMs: number;
    }
  | { readonly kind: 'proxy'; readonly address: string; readonly origin: string }
  /** How many had reached each step, in the mean. */
  | { readonly kind: 'levels'; readonly levels: Readonly<Record<string, number>> };

/** Microseconds of a trace as the milliseconds of an observation. */
export function msOf(us: number): number {
  return Math.round(us) / 1e3;
}
