import type { Cell } from '../cell.ts';
import { possibleWallUs } from '../replay.ts';
import { extent, type Spans, sweep, wantedSpans } from '../spans.ts';

/** Requests of which so many are under way all the time: each of the others is wanted when one of them is read. */
export interface Relay {
  readonly size: number;
  /** The part of the time, up to the last wanted, in which so many were under way. */
  readonly full: number;
  /** All at once, in microseconds. */
  readonly possibleUs: number;
}

/** So many of them are known to come out of no earlier answer, and follow the end of another. */
const NEARLY_ALL = 0.8;
/** So many have to follow. */
const LEAST_FOLLOWING = 4;
/** At once: within so much of the time that a request takes, or a moment. */
const PAUSE_SHARE = 0.2;
const MOMENT_US = 20_000;
/** As for batches. */
const LEAST_FACTOR = 1.25;
const LEAST_LOST_US = 300_000;

/**
 * What workers make that take the next of a list when they are done with one: nothing waits anywhere, and still the rest of the
 * list does. Only where a recorder knows that the URLs come out of no answer: else each may be a chain of its own.
 */
export function relayOf(cells: readonly Cell[], endedUs: number): Relay | undefined {
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  if (total(({ independent }) => independent) < NEARLY_ALL * total(({ rows }) => rows.length))
    return undefined;
  const spans = wantedSpans(cells, endedUs);
  const { size, full } = levelOf(spans);
  if (size < 2 || !followOthers(spans, size)) return undefined;
  const takenUs = spans.ends.at(-1)! - spans.starts[0]!;
  const possibleUs = possibleWallUs(cells, endedUs, { how: 'all at once' }, false);
  if (takenUs < LEAST_FACTOR * possibleUs || takenUs - possibleUs < LEAST_LOST_US) return undefined;
  return { size, full, possibleUs };
}

/** How many were under way most of the time until the last was wanted. */
function levelOf(spans: Spans): { readonly size: number; readonly full: number } {
  const lastUs = spans.starts.at(-1) ?? 0;
  const timeAt = new Float64Array(extent(spans).max + 1);
  sweep(spans, (from, to, level) => {
    timeAt[level]! += Math.max(0, Math.min(to, lastUs) - from);
  });
  const most = Math.max(...timeAt);
  const all = timeAt.reduce((sum, us) => sum + us, 0);
  return { size: timeAt.indexOf(most), full: all === 0 ? 0 : most / all };
}

/** With so many under way, one has to end before the next begins; it begins at once. */
function followOthers({ starts, ends }: Spans, size: number): boolean {
  const following = starts.length - size;
  if (following < Math.max(LEAST_FOLLOWING, size)) return false;
  const meanUs = (ends.reduce(sum, 0) - starts.reduce(sum, 0)) / starts.length;
  const momentUs = Math.max(MOMENT_US, PAUSE_SHARE * meanUs);
  let atOnce = 0;
  for (let next = size; next < starts.length; next++) {
    const pauseUs = starts[next]! - ends[next - size]!;
    if (pauseUs >= 0 && pauseUs <= momentUs) atOnce++;
  }
  return atOnce >= NEARLY_ALL * following;
}

function sum(one: number, other: number): number {
  return one + other;
}
