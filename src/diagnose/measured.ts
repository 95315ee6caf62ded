import type { Cell } from './cell.ts';
import { heldUs } from './held-threads.ts';
import type { Dependence, Judgement, Setting } from './judgement.ts';
import { type Demand, demandOf, type Levels, levelsOf } from './levels.ts';
import { heldOpeningUs } from './opening.ts';
import { type Preparation, preparationOf } from './preparation.ts';
import { extent, fullShare, type Spans, sentSpans, wantedSpans } from './spans.ts';

/** What has been measured of a set of exchanges, before it is judged. */
export interface Measured {
  readonly cells: readonly Cell[];
  readonly wanted: Spans;
  readonly sent: Spans;
  readonly demand: Demand;
  readonly levels: Levels;
  readonly wallUs: number;
  readonly preparation: Preparation;
}

export function measure(
  cells: readonly Cell[],
  { endedUs, declared, isFree, held, waits }: Setting,
): Measured {
  const wanted = wantedSpans(cells, endedUs);
  const sent = sentSpans(cells, endedUs);
  const demand = demandOf(cells, wanted, declared, isFree);
  const levels = levelsOf(cells, demand, endedUs, {
    calledUs: heldUs(cells, held),
    openingUs: heldOpeningUs(cells, waits),
  });
  const wallUs = wanted.ends.length === 0 ? 0 : wanted.ends.at(-1)! - wanted.starts[0]!;
  return { cells, wanted, sent, demand, levels, wallUs, preparation: preparationOf(cells, wanted, held) };
}

export function inFlightOf({ levels, sent }: Measured): Judgement['inFlight'] {
  return { mean: levels.sent, max: extent(sent).max, full: fullShare(sent) };
}

/** How long an exchange waited in the mean from wanted to sent; 0 where nobody saw it wanted. */
export function unsentUs({ wanted, levels, demand }: Measured): number {
  if (levels.wanted === null) return 0;
  return ((levels.wanted - levels.sent) * demand.busyUs) / wanted.starts.length;
}

/** How much of that the program did something else first. */
export function preparedUs({ wanted, preparation }: Measured): number {
  return preparation.waitedUs / wanted.starts.length;
}

/** From sent to read, of the quickest: others may have lain unread. */
export function shortestUs(cells: readonly Cell[]): number {
  let shortest = Infinity;
  for (const cell of cells) {
    cell.rows.visit((_asked, sent, _answered, end) => {
      shortest = Math.min(shortest, end - sent);
    });
  }
  return shortest;
}

export function medianWaitUs(cells: readonly Cell[]): number {
  const waits = new Float64Array(cells.reduce((sum, cell) => sum + cell.rows.length, 0));
  let length = 0;
  for (const cell of cells) {
    cell.rows.visit((_asked, sent, answered) => {
      if (answered !== Infinity) waits[length++] = answered - sent;
    });
  }
  return length === 0 ? Infinity : waits.subarray(0, length).sort()[length >> 1]!;
}

/** Whether nine of ten had to follow the one before, or need not have; null where nobody looked. The first follows none. */
export function dependenceOf(cells: readonly Cell[]): Dependence | null {
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  const most = NEARLY_ALL * (total(({ rows }) => rows.length) - 1);
  if (total(({ dependent }) => dependent) >= most) return 'dependent';
  return total(({ independent }) => independent) >= most ? 'independent' : null;
}

/** A login, or one page that lists the others, does not make a set of exchanges independent. */
const NEARLY_ALL = 0.9;
