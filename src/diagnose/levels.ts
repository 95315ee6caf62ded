import type { Cell, Sum } from './cell.ts';
import { extent, type Spans, sweep } from './spans.ts';

/** Mean numbers of exchanges at or beyond each step; null where nobody saw the step. */
export interface Levels {
  readonly wanted: number | null;
  readonly dispatched: number | null;
  readonly connected: number | null;
  readonly sent: number;
}

/** What was wanted: seen, declared, or neither (null). */
export interface Demand {
  /** The most that were wanted at once. */
  readonly max: number | null;
  /** The sum over exchanges of the time each was demand, in microseconds. */
  readonly sumUs: number | null;
  /** How long at least one was demand, in microseconds: what all levels are divided by. */
  readonly busyUs: number;
}

/**
 * What was demand, from wanted to read. Where `declared` is given (`--wanted N`) N were wanted all the time, or as
 * many as were left.
 */
export function demandOf(
  cells: readonly Cell[],
  wanted: Spans,
  declared: number | null,
  isFree: boolean,
): Demand {
  // Where nothing held requests back, they were wanted as they were begun.
  if (declared !== null) return declaredDemand(wanted, declared);
  const { busyUs, max, sumUs } = extent(wanted);
  return isFree || isSeen(cells, 'wanted') ? { max, sumUs, busyUs } : { max: null, sumUs: null, busyUs };
}

function declaredDemand(wanted: Spans, declared: number): Demand {
  const left = allFromFirst(wanted);
  let sumUs = 0;
  sweep(left, (from, to, level) => {
    sumUs += (to - from) * Math.min(level, declared);
  });
  return { max: Math.min(declared, wanted.starts.length), sumUs, busyUs: extent(left).busyUs };
}

/** The same exchanges as if all had been wanted when the first was. */
export function allFromFirst(wanted: Spans): Spans {
  return { starts: new Float64Array(wanted.starts.length).fill(wanted.starts[0] ?? 0), ends: wanted.ends };
}

/** How long, in all, exchanges waited because their thread was held: before their call, and before their connection. */
export interface Held {
  readonly calledUs: number;
  readonly openingUs: number;
}

/**
 * The mean numbers at each step, over the time in which any exchange was demand. While their thread was held (see
 * held-threads.ts, opening.ts) they count as if they had been called, dispatched and connected, and could not be sent.
 */
export function levelsOf(cells: readonly Cell[], demand: Demand, endedUs: number, held: Held): Levels {
  const mean = (sumUs: number) => (demand.busyUs > 0 ? sumUs / demand.busyUs : 0);
  const heldUs = { dispatched: held.calledUs, connected: held.calledUs + held.openingUs, sent: 0 };
  const level = (step: 'dispatched' | 'connected' | 'sent') =>
    mean(cells.reduce((sum, cell) => sum + totalOf(cell[step], endedUs), heldUs[step]));
  return {
    wanted: demand.sumUs === null ? null : mean(demand.sumUs),
    dispatched: isSeen(cells, 'dispatched') ? level('dispatched') : null,
    connected: isSeen(cells, 'connected') ? level('connected') : null,
    sent: level('sent'),
  };
}

function totalOf(sum: Sum, endedUs: number): number {
  return sum.closedUs + sum.open * endedUs - sum.openUs;
}

function isSeen(cells: readonly Cell[], step: 'wanted' | 'dispatched' | 'connected'): boolean {
  return cells.some((cell) => cell[step].seen > 0);
}

/** The step at which the level falls most, of those that were seen: the layer that serialised the program. */
export function largestFall(levels: Levels): 'dispatched' | 'connected' | 'sent' {
  let step: 'dispatched' | 'connected' | 'sent' = 'sent';
  let largest = -Infinity;
  let above = levels.wanted;
  for (const next of ['dispatched', 'connected', 'sent'] as const) {
    const level = levels[next];
    if (level === null) continue;
    if (above !== null && above - level > largest) {
      largest = above - level;
      step = next;
    }
    above = level;
  }
  return step;
}
