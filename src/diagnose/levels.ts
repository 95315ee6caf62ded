import type { Cell, Sum } from './fold.ts';
import { extent, type Spans, sweep } from './spans.ts';

/** Mean numbers of exchanges at or beyond each step; null where nobody saw the step. */
export interface Levels {
  readonly asked: number | null;
  readonly dispatched: number | null;
  readonly connected: number | null;
  readonly sent: number;
}

/** What was wanted: seen, declared, or neither (null). */
export interface Wanted {
  /** The most that were wanted at once. */
  readonly max: number | null;
  /** The sum over exchanges of the time each was wanted, in microseconds. */
  readonly sumUs: number | null;
  /** How long at least one was wanted, in microseconds: what all levels are divided by. */
  readonly busyUs: number;
}

/**
 * What was wanted, from asked to read. Where `declared` is given (`--asked N`) N were wanted all the time, or as
 * many as were left.
 */
export function wantedOf(cells: readonly Cell[], asked: Spans, declared: number | null): Wanted {
  if (declared !== null) return declaredWanted(asked, declared);
  const { busyUs, max, sumUs } = extent(asked);
  return isSeen(cells, 'asked') ? { max, sumUs, busyUs } : { max: null, sumUs: null, busyUs };
}

function declaredWanted(asked: Spans, declared: number): Wanted {
  const left = allFromFirst(asked);
  let sumUs = 0;
  sweep(left, (from, to, level) => {
    sumUs += (to - from) * Math.min(level, declared);
  });
  return { max: Math.min(declared, asked.starts.length), sumUs, busyUs: extent(left).busyUs };
}

/** The same exchanges as if all had been asked when the first was. */
export function allFromFirst(asked: Spans): Spans {
  return { starts: new Float64Array(asked.starts.length).fill(asked.starts[0] ?? 0), ends: asked.ends };
}

/** How long, in all, exchanges stood because their thread was held: before their call, and before their connection. */
export interface Held {
  readonly calledUs: number;
  readonly openingUs: number;
}

/**
 * The mean numbers at each step, over the time in which any exchange was wanted. While their thread was held (see
 * held.ts, opening.ts) they count as if they had been called, dispatched and connected, and could not be sent.
 */
export function levelsOf(cells: readonly Cell[], wanted: Wanted, endedUs: number, held: Held): Levels {
  const mean = (sumUs: number) => (wanted.busyUs > 0 ? sumUs / wanted.busyUs : 0);
  const heldUs = { dispatched: held.calledUs, connected: held.calledUs + held.openingUs, sent: 0 };
  const level = (step: 'dispatched' | 'connected' | 'sent') =>
    mean(cells.reduce((sum, cell) => sum + totalOf(cell[step], endedUs), heldUs[step]));
  return {
    asked: wanted.sumUs === null ? null : mean(wanted.sumUs),
    dispatched: isSeen(cells, 'dispatched') ? level('dispatched') : null,
    connected: isSeen(cells, 'connected') ? level('connected') : null,
    sent: level('sent'),
  };
}

function totalOf(sum: Sum, endedUs: number): number {
  return sum.closedUs + sum.open * endedUs - sum.openUs;
}

function isSeen(cells: readonly Cell[], step: 'asked' | 'dispatched' | 'connected'): boolean {
  return cells.some((cell) => cell[step].seen > 0);
}

/** The step at which the level falls most, of those that were seen: the layer that serialised the program. */
export function largestFall(levels: Levels): 'dispatched' | 'connected' | 'sent' {
  let step: 'dispatched' | 'connected' | 'sent' = 'sent';
  let largest = -Infinity;
  let above = levels.asked;
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
