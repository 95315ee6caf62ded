import type { Bars } from './bars.ts';
import { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** So many rows at either end may be out of sight: a few exchanges last much longer than the others. */
const STRAGGLERS = 0.02;

/**
 * Rows moved, and as high as they can be, so that most of those that have a bar in the visible time are visible: without
 * that, who zooms into the middle of many rows sees none. At least `least` and at most `most` pixels high.
 */
export function followed(bars: Bars, time: TimeScale, rows: RowScale, least: number, most: number): RowScale {
  const { from, perPixel } = time.linear;
  const to = from + perPixel * time.width;
  const { items, offsets } = bars.rows;
  const seen: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    for (let place = offsets[row]!; place < offsets[row + 1]!; place++) {
      const exchange = items[place]!;
      if (bars.begin[exchange]! >= to || bars.end[exchange]! <= from) continue;
      seen.push(row);
      break;
    }
  }
  if (seen.length === 0) return rows;
  const spare = Math.floor(seen.length * STRAGGLERS);
  const first = seen[spare]!;
  const last = seen[seen.length - 1 - spare]!;
  const height = Math.max(least, Math.min(most, rows.height / (last + 1 - first)));
  const middle = ((first + last + 1) / 2) * height;
  return new RowScale(rows.count, height, middle - rows.height / 2, rows.height);
}
