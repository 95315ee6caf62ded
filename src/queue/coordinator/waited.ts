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
  /** Rows that are not home. */
  readonly rowsLeft: number;
  /** Of them, rows of chunks that are not in the queue yet. */
  readonly rowsToPlan: number;
  /** Chunks that members say they have finished, and that are not home. */
  readonly chunksToBring: number;
  readonly chunkRows: number;
}

/** Whoever was not heard of for this many beats counts as silent here; its share is free much later. */
const SILENT_BEATS = 4;

/**
 * What a run wanted while no engine had it: engines count only what they have. Rows are wanted as long as they are not
 * fetched, up to the run's limit, also where they wait in the queue or with a worker that is gone.
 */
export class Waiting {
  readonly #beatMs: number;
  readonly #givenUpMs: Partial<Record<GivenUpTo, number>> = {};
  #idleMs = 0;

  constructor(beatMs: number) {
    this.#beatMs = beatMs;
  }

  /** It was like this for `ms`. */
  add(moment: Moment, ms: number): void {
    const live = moment.members.filter((member) => !this.#isSilent(member, moment));
    const inEngines = sum(live.map(({ holds, pending }) => Math.min(holds[CONCURRENCY] ?? 0, pending)));
    const chunksThere = sum(live.map(({ chunks }) => chunks)) + moment.chunksToBring;
    const elsewhere = Math.max(0, moment.rowsLeft - chunksThere * moment.chunkRows);
    const wanted = Math.min(moment.whole, sum(live.map(({ pending }) => pending)) + elsewhere);
    if (wanted <= inEngines) return;
    const reason = this.#reason(moment, live);
    this.#givenUpMs[reason] = (this.#givenUpMs[reason] ?? 0) + (wanted - inEngines) * ms;
    if (inEngines === 0) this.#idleMs += ms;
  }

  waited(): Waited {
    return { idleMs: this.#idleMs, givenUpMs: this.#givenUpMs };
  }

  #reason(moment: Moment, live: readonly Member[]): GivenUpTo {
    const able = live.filter(({ cannot }) => cannot === null);
    const hasLost = moment.members.some((member) => this.#isSilent(member, moment) && member.chunks > 0);
    if (hasLost) return 'lost worker';
    if (able.length === 0) return 'no worker';
    if (moment.rowsToPlan > 0) return 'planning';
    // What it does not get although it has nothing, somebody holds who is not there.
    return able.some(({ chunks, wants }) => chunks === 0 && wants === 0) ? 'lost worker' : 'sharing';
  }

  #isSilent({ seenUs }: Member, { nowUs }: Moment): boolean {
    return nowUs - seenUs > SILENT_BEATS * this.#beatMs * 1000;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
