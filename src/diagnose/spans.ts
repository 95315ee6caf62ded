import { type Block, countWhile } from '../trace/index.ts';
import type { Cell } from './cell.ts';

/** Stretches of time, their starts and their ends each in order. Which end belongs to which start is not kept. */
export interface Spans {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** From wanted to the end, of all exchanges. */
export function wantedSpans(cells: readonly Cell[], endedUs: number): Spans {
  return spansOf(cells, endedUs, (wanted) => wanted);
}

/** From sent until the last moment at which each was seen under way: where nobody saw its end, its answer. */
export function surelySentSpans(cells: readonly Cell[]): Spans {
  return spansOf(
    cells,
    0,
    (_asked, sent) => sent,
    (sent, answered) => (answered === Infinity ? sent : answered),
  );
}

/** From sent to the end, of those that were sent. */
export function sentSpans(cells: readonly Cell[], endedUs: number): Spans {
  return spansOf(cells, endedUs, (_asked, sent) => sent);
}

function spansOf(
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

/** A function of time: how much of the time before it was in one of the blocks, at least. */
export function timeIn(blocks: readonly Block[]): (time: number) => number {
  const starts = Float64Array.from(blocks, ({ fromUs }) => fromUs).sort();
  const ends = Float64Array.from(blocks, ({ toUs }) => toUs).sort();
  return timeAtLevel({ starts, ends }, 1);
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
