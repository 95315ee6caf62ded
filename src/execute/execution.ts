import type { ConcurrencySummary } from '../fetch/index.ts';
import type { Took, WorkerEnd } from './request-worker.ts';
import type { WorkerRecords } from './worker-records.ts';

/** Who hears what happens. */
export interface Watcher {
  readonly records: WorkerRecords;
  /** Takes each stored result, in the order of their coming. */
  took(took: Took): void;
}

/** An order under way. */
export interface Execution {
  readonly finished: Promise<Executed>;
  /** GETs sent and not read. */
  readonly inFlight: number;
  /** Nothing new is begun; what is in flight is finished, the rest is not done. */
  stop(): void;
  /** What is in flight is not done either. */
  abort(): void;
}

/** Requests that were wanted while no engine had their rows. */
export interface Waited {
  /** How long no engine had anything. */
  readonly idleMs: number;
  /** Slot-milliseconds, by reason. */
  readonly givenUpMs: ConcurrencySummary['givenUpMs'];
}

/** The result of an order. */
export interface Executed {
  readonly wallMs: number;
  /** Of each worker. */
  readonly proofs: readonly ConcurrencySummary[];
  /** Results stored, pages and rows without a request included. */
  readonly results: number;
  readonly stopped: boolean;
  /** Why it could not be done to the end: a full disk, a place that is gone. */
  readonly storeFault: Error | null;
  /** Answers that were not sent again, because they had not changed. */
  readonly unchanged: number;
  /** Requests that were given up. */
  readonly abandoned: number;
  /** Names the rows that no other process has fetched, as a sentence. */
  readonly missing?: string;
  /** Where other processes fetch: what was wanted while they could not. */
  readonly waited?: Waited;
  readonly notes: readonly string[];
}

/** The result of workers that ran at the same time. */
export function executedOf(ends: readonly WorkerEnd[], results: number): Executed {
  return {
    wallMs: Math.max(...ends.map(({ summary }) => summary.wallMs)),
    proofs: ends.map(({ summary }) => summary.proof),
    results,
    stopped: ends.some(({ summary }) => summary.stopped),
    storeFault: ends.find(({ storeFault }) => storeFault !== null)?.storeFault ?? null,
    unchanged: ends.reduce((sum, end) => sum + end.unchanged, 0),
    abandoned: ends.reduce((sum, end) => sum + end.abandoned, 0),
    notes: [...new Set(ends.flatMap(({ summary }) => summary.notes))],
  };
}
