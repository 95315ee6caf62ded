import type { Proof } from '../fetch/index.ts';
import type { StoreError } from '../store/index.ts';
import { type Lane, type LaneEnd, openLane, type Took } from './lane.ts';
import type { Order } from './order.ts';
import { partPath } from './parts.ts';
import type { Witness } from './witness.ts';

/** Who hears what happens. */
export interface Watcher {
  readonly witness: Witness;
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

/** What came of an order. */
export interface Executed {
  readonly wallMs: number;
  /** Of each lane. */
  readonly proofs: readonly Proof[];
  /** Results stored, pages and rows without a request included. */
  readonly results: number;
  readonly stopped: boolean;
  /** Why results could not be stored to the end. */
  readonly storeFault: StoreError | null;
  /** Answers that were not sent again, because they had not changed. */
  readonly unchanged: number;
  readonly notes: readonly string[];
}

/**
 * Fetches what is ordered, in this thread. `finished` fails with the error of `jobs`, or a StoreError where the part
 * can't be opened.
 */
export function execute(order: Order, watcher: Watcher): Execution {
  return new OneLane(order, watcher);
}

class OneLane implements Execution {
  readonly finished: Promise<Executed>;
  #lane: Lane | null = null;
  #wish: 'go on' | 'stop' | 'abort' = 'go on';

  constructor(order: Order, watcher: Watcher) {
    this.finished = this.#run(order, watcher);
  }

  get inFlight(): number {
    return this.#lane?.inFlight ?? 0;
  }

  stop(): void {
    if (this.#wish === 'go on') this.#wish = 'stop';
    this.#lane?.stop();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#lane?.abort();
  }

  async #run(order: Order, watcher: Watcher): Promise<Executed> {
    const bearerOf = watcher.witness.lanes(1);
    let bearer: ReturnType<typeof bearerOf>;
    let behind: Promise<void> | undefined;
    let results = 0;
    const lane = await openLane(order.how, order.jobs, partPath(order.parts, 1), {
      started: (startedUs) => {
        bearer = bearerOf(0, startedUs);
      },
      record: (record) => {
        behind = bearer(record);
      },
      took: (took) => {
        results++;
        watcher.took(took);
        return behind;
      },
    });
    this.#lane = lane;
    if (this.#wish === 'stop') lane.stop();
    if (this.#wish === 'abort') lane.abort();
    return executedOf([await lane.finished], results);
  }
}

function executedOf(ends: readonly LaneEnd[], results: number): Executed {
  return {
    wallMs: Math.max(...ends.map(({ summary }) => summary.wallMs)),
    proofs: ends.map(({ summary }) => summary.proof),
    results,
    stopped: ends.some(({ summary }) => summary.stopped),
    storeFault: ends.find(({ storeFault }) => storeFault !== null)?.storeFault ?? null,
    unchanged: ends.reduce((sum, end) => sum + end.unchanged, 0),
    notes: [...new Set(ends.flatMap(({ summary }) => summary.notes))],
  };
}
