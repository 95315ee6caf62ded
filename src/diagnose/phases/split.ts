import type { Cell } from '../cell.ts';
import type { Group } from '../groups.ts';
import { type Rounds, roundsOf } from '../rounds/rounds.ts';
import { cutAt } from './cut.ts';

/** A stretch of time in which a line, or an origin, asked in one manner: one after another, or several at once. */
export interface Phase extends Group {
  /** Its exchanges were wanted from then until before then; null: it is all that the line, or the origin, wanted. */
  readonly within: { readonly fromUs: number; readonly untilUs: number } | null;
}

/** Fewer exchanges, beside others, are a fact and no phase of their own: a login, one page that lists the others. */
export const LEAST_OF_PHASE = 5;
/** A line that changes more often does so by chance, or does several things at the same time: it is judged as one. */
const MOST_PHASES = 20;

/** The phases of a line, or an origin, in the order of time. Rounds of one in a row are one, and so are rounds of more. */
export function phasesOf(group: Group, endedUs: number): Phase[] {
  const rounds = roundsOf(group.cells, endedUs);
  const stretches = stretchesOf(rounds);
  if (stretches.length < 2 || stretches.length > MOST_PHASES) return [{ ...group, within: null }];
  const begins = stretches.map(({ first }) => rounds.begins[first]!);
  return cutAt(group.cells, begins).map((cells, at) => ({
    ...group,
    cells,
    within: { fromUs: begins[at]!, untilUs: begins[at + 1] ?? Infinity },
  }));
}

/** Whether a set of exchanges is more than a fact. */
export function isPhase(cells: readonly Cell[]): boolean {
  return cells.reduce((sum, { rows }) => sum + rows.length, 0) >= LEAST_OF_PHASE;
}

/** Rounds in a row: all of one, or all of more. */
interface Stretch {
  readonly isSingle: boolean;
  /** The index of its first round. */
  readonly first: number;
  readonly exchanges: number;
}

/** A short stretch between two of the other kind is no interruption of these. */
function stretchesOf({ requests, exchanges }: Rounds): Stretch[] {
  const stretches: Stretch[] = [];
  for (let first = 0; first < requests.length; first++) {
    const isSingle = requests[first]! <= 1;
    const last = stretches.at(-1);
    if (last?.isSingle === isSingle) extend(stretches, 1, exchanges[first]!);
    else if (last !== undefined && last.exchanges < LEAST_OF_PHASE && stretches.length >= 2)
      extend(stretches, 2, exchanges[first]!);
    else stretches.push({ isSingle, first, exchanges: exchanges[first]! });
  }
  return stretches;
}

/** Makes one of the last `count` stretches and of the exchanges that follow. */
function extend(stretches: Stretch[], count: number, exchanges: number): void {
  const [first, ...others] = stretches.splice(-count) as [Stretch, ...Stretch[]];
  const all = others.reduce((sum, other) => sum + other.exchanges, first.exchanges);
  stretches.push({ ...first, exchanges: all + exchanges });
}
