import { countWhile } from '../../trace/browser.ts';
import type { Bars } from './bars.ts';
import { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** So many rows at either end may be out of sight: a few exchanges last much longer than the others. */
const STRAGGLERS = 0.02;

const known = new WeakMap<Bars, Float64Array>();

/** For each row, when the last bar of it and of all rows before it ends. */
function latestEnds(bars: Bars): Float64Array {
  const kept = known.get(bars);
  if (kept !== undefined) return kept;
  let latest = -Infinity;
  const ends = Float64Array.from(bars.rows.items, (exchange) => {
    latest = Math.max(latest, bars.end[exchange]!);
    return latest;
  });
  known.set(bars, ends);
  return ends;
}

/**
 * Rows of one exchange each, in the order of their beginning, moved, and as high as they can be, so that most of those that have a bar in the visible time are visible: without
 * that, who zooms into the middle of many rows sees none. At least `least` and at most `most` pixels high.
 */
export function followed(bars: Bars, time: TimeScale, rows: RowScale, least: number, most: number): RowScale {
  const { from, perPixel } = time.linear;
  const to = from + perPixel * time.width;
  const begins = bars.rows.items;
  const seen: number[] = [];
  const after = countWhile(begins, (exchange) => bars.begin[exchange]! < to);
  for (let row = countWhile(latestEnds(bars), (end) => end <= from); row < after; row++)
    if (bars.end[begins[row]!]! > from) seen.push(row);
  if (seen.length === 0) return rows;
  const spare = Math.floor(seen.length * STRAGGLERS);
  const first = seen[spare]!;
  const last = seen[seen.length - 1 - spare]!;
  const height = Math.max(least, Math.min(most, rows.height / (last + 1 - first)));
  const middle = ((first + last + 1) / 2) * height;
  return new RowScale(rows.count, height, middle - rows.height / 2, rows.height);
}
