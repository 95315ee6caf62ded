import type { Waited } from '../../execute/index.ts';
import type { GivenUpTo } from '../../fetch/index.ts';
import type { Member } from '../ledger/ledger.ts';
import { CONCURRENCY } from '../ledger/shares.ts';

/** A run at one moment, as its coordinator knows it. */
export interface Moment {
  /** The server's clock, microseconds. */
  readonly nowUs: number;
  readonly members: readonly Member[];
  /** Requests that the run may have in flight. */
  readonly whole: number;
  /** Rows that the coordinator has not brought home. */
  readonly rowsLeft: number;
  /** Of them, rows of chunks that are not in the queue yet. */
  readonly rowsToPlan: number;
  /** Chunks that members have finished, and that are not home yet. */
  readonly chunksToBring: number;
  readonly chunkRows: number;
}

/** A worker that missed this many beats counts as silent here; its share is free only after `silentMs`. */
const SILENT_BEATS = 4;

/**
 * Counts the requests that the run wanted in flight while their rows were in no engine: an engine counts only its own
 * rows. Rows that wait in the queue, or for the lock of a dead worker, are wanted too, up to the run's limit.
 */
export class Waiting {
  readonly #beatMs: number;
  readonly #givenUpMs: Partial<Record<GivenUpTo, number>> = {};
  #idleMs = 0;

  constructor(beatMs: number) {
    this.#beatMs = beatMs;
  }

  /** The run was in this state for `ms`. */
  add(moment: Moment, ms: number): void {
    const live = moment.members.filter((member) => !this.#isSilent(member, moment));
    const inEngines = sum(live.map(({ holds, pending }) => Math.min(holds[CONCURRENCY] ?? 0, pending)));
    const chunksThere = sum(live.map(({ chunks }) => chunks)) + moment.chunksToBring;
    const elsewhere = Math.max(0, moment.rowsLeft - chunksThere * moment.chunkRows);
    const wanted = Math.min(moment.whole, sum(live.map(({ pending }) => pending)) + elsewhere);
    if (wanted <= inEngines) return;
    const reason = this.#reason(moment, live, elsewhere);
    this.#givenUpMs[reason] = (this.#givenUpMs[reason] ?? 0) + (wanted - inEngines) * ms;
    if (inEngines === 0) this.#idleMs += ms;
  }

  waited(): Waited {
    return { idleMs: this.#idleMs, givenUpMs: this.#givenUpMs };
  }

  /** `elsewhere`: rows that no live member has. */
  #reason(moment: Moment, live: readonly Member[], elsewhere: number): GivenUpTo {
    const able = live.filter(({ cannot }) => cannot === null);
    const hasLost = moment.members.some((member) => this.#isSilent(member, moment) && member.chunks > 0);
    if (hasLost) return 'lost worker';
    if (able.length === 0) return 'no worker';
    if (moment.rowsToPlan > 0) return 'planning';
    // A worker is idle, and gets no chunk though some are left: they are locked by a worker that is gone.
    const isIdle = able.some(({ chunks, wants }) => chunks === 0 && wants === 0);
    return isIdle && elsewhere > 0 ? 'lost worker' : 'sharing';
  }

  #isSilent({ seenUs }: Member, { nowUs }: Moment): boolean {
    return nowUs - seenUs > SILENT_BEATS * this.#beatMs * 1000;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
