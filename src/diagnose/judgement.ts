import type { Cell } from './cell.ts';
import type { Endings, EndingsOf } from './failures/endings.ts';
import type { HeldBefore } from './held-threads.ts';
import type { Late } from './late.ts';
import type { Levels } from './levels.ts';
import type { WaitsBefore } from './opening.ts';
import type { Overlap } from './overlap.ts';
import type { Question } from './replay.ts';
import type { Batches } from './rounds/batches.ts';
import type { Step } from './steps.ts';

/** What is known of a run beside its exchanges. */
export interface Facts {
  /** The end of the run, in its own time; else the last time that any exchange has. Closes what is still open. */
  readonly endedUs?: number;
  /** How many were wanted at once, where nobody saw it: as the user says (`--wanted N`), or the trace's run. */
  readonly wanted?: number;
  /** CPU time that requests cost the client, from the first one wanted to the last one read. */
  readonly clientCpuUs?: number;
}

/** What a set of exchanges was: the whole program, an origin, or what one line wanted. */
export interface Judgement {
  readonly overlap: Overlap;
  /** Where the exchanges were delayed; `none` where they were not, or it is not known. */
  readonly step: Step | 'none';
  /** The most that were wanted at once; null where nobody saw it. */
  readonly wanted: number | null;
  readonly requests: number;
  readonly exchanges: number;
  readonly answered: number;
  readonly endings: Endings;
  readonly neverSent: number;
  /** `full`: the part of the time, up to the last request sent, in which as many as `max` were. */
  readonly inFlight: { readonly mean: number; readonly max: number; readonly full: number };
  readonly funnel: Levels;
  /** When the first was wanted. */
  readonly fromUs: number;
  /** How much of that at least one was wanted and not read. */
  readonly busyUs: number;
  /** From the first wanted to the last read. */
  readonly wallUs: number;
  /** null where nothing can be said of it. */
  readonly possibleWallUs: number | null;
  /** Of what a replay gave that time as its answer; null where it comes from something else. */
  readonly question: Question | null;
  readonly factor: number | null;
  /** How long the program did something else first, for each request, before it called for any. */
  readonly preparationUs: number;
  /** Where requests go in batches, and that costs time. */
  readonly batches: Batches | null;
  /** Whether nearly all had to follow the one before, or need not have; null where nobody looked. */
  readonly dependence: Dependence | null;
  /** Why a judgement is as it is, where it is not the plain rule. */
  readonly because: VerdictReason | null;
}

/** The reasons that need words of their own. */
export type VerdictReason =
  | 'nothing'
  | 'only one'
  | 'never sent'
  | 'wanted unseen'
  | 'unread'
  | 'client is the limit'
  | 'dependent'
  | DelayReason;

/** Those of which delays/ tells, with their numbers. */
export type DelayReason = (typeof DELAY_REASONS)[number];
export const DELAY_REASONS = ['throttled', 'made again', 'two trips', 'held writes'] as const;

export type Dependence = 'dependent' | 'independent';

/** What holds for every set of exchanges of a run. */
export interface Setting {
  readonly endedUs: number;
  /** What was wanted at once, where it was declared and not seen. */
  readonly declared: number | null;
  /** Nothing held requests back, as the command says: what was sent is what was wanted. */
  readonly isFree: boolean;
  readonly cpuPerRequestUs: number | null;
  readonly held: HeldBefore;
  readonly waits: WaitsBefore;
  readonly endingsOf: EndingsOf;
  /** Nearly all answers were not read to their ends, and kept their connections for long. */
  readonly areUnread: boolean;
  /** Whether the server queued the exchanges of a cell. */
  readonly isQueued: (cell: Cell) => boolean;
  /** Whether rounds may be batches: those of one line may be, those of several lines may be steps of one work. */
  readonly isOneLine: boolean;
  /** Whether rounds that begin at these times are stages of one work (see rounds/stages.ts). */
  readonly isStaged: (cells: readonly Cell[], begins: ArrayLike<number>) => boolean;
  /** Answers that had arrived and were not read. */
  readonly late: Late | undefined;
}
