import type { Cell } from '../cell.ts';
import { FLAG } from '../rows.ts';

/** The last tenth of an exchange does not keep the next round from beginning. */
const UNDER_WAY = 0.9;

/** A round begins when an exchange is wanted and none earlier is under way. Rounds in the order of time. */
export interface Rounds {
  /** When the first exchange of each round was wanted, in microseconds. */
  readonly begins: Float64Array;
  /** Exchanges of each, and its requests: without retries and redirects, which begin none. */
  readonly exchanges: Uint32Array;
  readonly requests: Uint32Array;
}

/** The rounds of some exchanges. What is open at the end of the run ends there. */
export function roundsOf(cells: readonly Cell[], endedUs: number): Rounds {
  const { starts, ends, again } = columnsOf(cells, endedUs);
  const begins: number[] = [];
  const firsts: number[] = [];
  let ended = 0;
  for (let at = 0; at < starts.length; at++) {
    const start = starts[at]!;
    while (ended < ends.length && ends[ended]! <= start) ended++;
    if (at > 0 && (ended < at || again.has(start))) continue;
    begins.push(start);
    firsts.push(at);
  }
  const exchanges = Uint32Array.from(firsts, (first, round) => (firsts[round + 1] ?? starts.length) - first);
  const requests = exchanges.slice();
  for (const [time, count] of again) requests[roundAt(begins, time)]! -= count;
  return { begins: Float64Array.from(begins), exchanges, requests };
}

/** Which round a time is in. */
export function roundAt(begins: ArrayLike<number>, time: number): number {
  let from = 0;
  let to = begins.length;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (begins[middle]! <= time) from = middle;
    else to = middle;
  }
  return from;
}

/** When exchanges were wanted and when nine tenths of them were over, each in order; and how many are again, by time. */
function columnsOf(cells: readonly Cell[], endedUs: number) {
  const count = cells.reduce((sum, { rows }) => sum + rows.length, 0);
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  const again = new Map<number, number>();
  let length = 0;
  for (const { rows } of cells) {
    rows.visit((wanted, _sent, _answered, end, _dispatched, _connected, flags) => {
      if (wanted === Infinity) return;
      starts[length] = wanted;
      ends[length++] = wanted + UNDER_WAY * (Math.max(wanted, end === Infinity ? endedUs : end) - wanted);
      if (flags & FLAG.again) again.set(wanted, (again.get(wanted) ?? 0) + 1);
    });
  }
  return { starts: starts.subarray(0, length).sort(), ends: ends.subarray(0, length).sort(), again };
}
