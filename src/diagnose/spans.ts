import { countWhile } from '../trace/index.ts';
import type { Cell } from './cell.ts';

/** A stretch of time. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Stretches of time, their starts and their ends each in order. Which end belongs to which start is not kept. */
export interface Spans {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** From wanted to the end, of all exchanges. */
export function wantedSpans(cells: readonly Cell[], endedUs: number): Spans {
  return rowSpans(cells, endedUs, (wanted) => wanted);
}

/** From sent until the last moment at which each was seen under way: where nobody saw its end, its answer. */
export function surelySentSpans(cells: readonly Cell[]): Spans {
  return rowSpans(
    cells,
    0,
    (_asked, sent) => sent,
    (sent, answered) => (answered === Infinity ? sent : answered),
  );
}

/** From sent to the end, of those that were sent. */
export function sentSpans(cells: readonly Cell[], endedUs: number): Spans {
  return rowSpans(cells, endedUs, (_asked, sent) => sent);
}

function rowSpans(
  cells: readonly Cell[],
  endedUs: number,
  startOf: (wanted: number, sent: number) => number,
  endOfOpen: (sent: number, answered: number) => number = (sent) => Math.max(endedUs, sent),
): Spans {
  const most = cells.reduce((sum, cell) => sum + cell.rows.length, 0);
  const starts = new Float64Array(most);
  const ends = new Float64Array(most);
  let length = 0;
  for (const cell of cells) {
    cell.rows.visit((wanted, sent, answered, end) => {
      const from = startOf(wanted, sent);
      if (from === Infinity) return;
      starts[length] = from;
      ends[length++] = end === Infinity ? endOfOpen(from, answered) : end;
    });
  }
  return { starts: inOrder(starts.subarray(0, length)), ends: inOrder(ends.subarray(0, length)) };
}

/** Sorts what is not in order: most traces are written as time goes by, and a million numbers take their time. */
function inOrder(times: Float64Array): Float64Array {
  for (let at = 1; at < times.length; at++) if (times[at - 1]! > times[at]!) return times.sort();
  return times;
}

/**
 * Goes through time: calls `visit` for each stretch in which the number of spans stays the same, gaps of none
 * included. A span that ends where another starts does not overlap with it.
 */
export function sweep(spans: Spans, visit: (from: number, to: number, level: number) => void): void {
  const { starts, ends } = spans;
  let started = 0;
  let ended = 0;
  let now = starts[0] ?? 0;
  while (ended < ends.length) {
    const start = started < starts.length ? starts[started]! : Infinity;
    const end = ends[ended]!;
    const next = Math.min(start, end);
    if (next > now) {
      visit(now, next, started - ended);
      now = next;
    }
    if (end <= start) ended++;
    else started++;
  }
}

/** How long at least one span lasted, the most at once, and the sum of all. In microseconds. */
export function extent(spans: Spans): {
  readonly busyUs: number;
  readonly max: number;
  readonly sumUs: number;
} {
  let busyUs = 0;
  let max = spans.starts.length > 0 ? 1 : 0;
  let sumUs = 0;
  sweep(spans, (from, to, level) => {
    if (level <= 0) return;
    busyUs += to - from;
    sumUs += (to - from) * level;
    if (level > max) max = level;
  });
  return { busyUs, max, sumUs };
}

/** Stretches of time given one by one. */
export function spansOf(all: readonly Span[]): Spans {
  return {
    starts: Float64Array.from(all, ({ fromUs }) => fromUs).sort(),
    ends: Float64Array.from(all, ({ toUs }) => toUs).sort(),
  };
}

/** The part of the time in which there was any span, up to the last start, in which there were as many as ever. */
export function fullShare(spans: Spans): number {
  const { max } = extent(spans);
  const lastUs = spans.starts.at(-1) ?? 0;
  let allUs = 0;
  let fullUs = 0;
  sweep(spans, (from, to, level) => {
    const us = Math.max(0, Math.min(to, lastUs) - from);
    if (level > 0) allUs += us;
    if (level === max) fullUs += us;
  });
  return allUs === 0 ? 0 : fullUs / allUs;
}

/** How long two stretches of time overlap. */
export function overlapUs(fromUs: number, toUs: number, otherFromUs: number, otherToUs: number): number {
  return Math.max(0, Math.min(toUs, otherToUs) - Math.max(fromUs, otherFromUs));
}

/** The time that some stretches cover together: in all, or within another one. */
export function unionUs(all: readonly Span[], { fromUs, toUs }: Span = ALWAYS): number {
  let sum = 0;
  let until = fromUs;
  for (const span of all.toSorted((a, b) => a.fromUs - b.fromUs)) {
    sum += overlapUs(Math.max(span.fromUs, until), span.toUs, fromUs, toUs);
    until = Math.max(until, span.toUs);
  }
  return sum;
}

const ALWAYS: Span = { fromUs: -Infinity, toUs: Infinity };

/** How long before `time` the last of `moments` was, which are in order; Infinity where none was before it. */
export function sinceLast(moments: ArrayLike<number>, time: number): number {
  const before = countWhile(moments, (moment) => moment <= time);
  return before === 0 ? Infinity : time - moments[before - 1]!;
}

/** A function of time: how much of the time before it was in one of the stretches, at least. */
export function timeIn(all: readonly Span[]): (time: number) => number {
  return timeAtLevel(spansOf(all), 1);
}

/** A function of time: how much of the time before it had at least `level` spans. */
export function timeAtLevel(spans: Spans, least: number): (time: number) => number {
  const from: number[] = [];
  const to: number[] = [];
  const before: number[] = [];
  sweep(spans, (start, end, level) => {
    if (level < least) return;
    const last = to.length - 1;
    if (to[last] === start) to[last] = end;
    else {
      before.push(last < 0 ? 0 : before[last]! + to[last]! - from[last]!);
      from.push(start);
      to.push(end);
    }
  });
  return (time) => {
    const at = countWhile(from, (start) => start <= time) - 1;
    return at < 0 ? 0 : before[at]! + Math.min(time, to[at]!) - from[at]!;
  };
}
