import type { LiveLimits, RunSummary } from '../fetch/index.ts';
import type { StoreFault } from '../store/index.ts';
import type { How, Job } from './order.ts';
import type { EngineRecord, Took } from './request-worker.ts';

/** A worker's shares of the run's limits. */
export type Shares = LiveLimits & { readonly concurrency: number };

/** What a worker begins with. */
export interface Beginning {
  readonly how: How;
  /** The path of its part. */
  readonly part: string;
  readonly limits: Shares;
}

/** From the one who orders to a worker. */
export type ToWorker =
  | { readonly kind: 'jobs'; readonly jobs: readonly Job[]; readonly isEnd: boolean }
  | { readonly kind: 'limit'; readonly limits: Shares }
  /** A batch was received: another may be sent. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'abort' };

/** From a worker. */
export type FromWorker =
  | { readonly kind: 'started'; readonly startedUs: number }
  | { readonly kind: 'wants'; readonly jobs: number }
  | { readonly kind: 'batch'; readonly records: readonly EngineRecord[]; readonly tooks: readonly Took[] }
  | { readonly kind: 'state'; readonly state: WorkerState }
  | { readonly kind: 'ended'; readonly end: SentEnd };

/** The state of a worker. */
export interface WorkerState {
  /** GETs sent and not read. */
  readonly inFlight: number;
  /** Slots that are taken. */
  readonly busy: number;
  /** Jobs that it has and that are not done. */
  readonly pending: number;
  /** The concurrency that it keeps to. */
  readonly slots: number;
}

/** A WorkerEnd as it can be sent. */
export interface SentEnd {
  readonly summary: RunSummary;
  readonly storeFault: { readonly fault: StoreFault; readonly text: string } | null;
  readonly unchanged: number;
  readonly abandoned: number;
}
