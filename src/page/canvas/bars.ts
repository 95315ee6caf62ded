import type { Rows } from '../model/rows.ts';
import type { Segments } from '../model/segments.ts';
import type { Fold, TimeScale } from './time-scale.ts';

/** Rows and their segments, at folded times: what is drawn of a run, whatever part of it is visible. */
export interface Bars {
  readonly rows: Rows;
  readonly segments: Segments;
  readonly fold: Fold;
  /** When the segments begin, by segment; when what is drawn of an exchange begins, and when it ends. */
  readonly from: Float64Array;
  readonly begin: Float64Array;
  readonly end: Float64Array;
}

/** Lays out rows. */
export function barsOf(rows: Rows, segments: Segments, fold: Fold): Bars {
  return {
    rows,
    segments,
    fold,
    from: fold.foldAll(segments.fromUs),
    begin: fold.foldAll(rows.beginUs),
    end: fold.foldAll(segments.endUs),
  };
}

/** Takes a part of a bar: from and to are pixels, within the picture. */
export type VisitPart = (exchange: number, kind: number, fromX: number, toX: number) => void;

/** Visits the visible parts of a row's bars, from left to right. */
export function visitRow(bars: Bars, row: number, scale: TimeScale, visit: VisitPart): void {
  const { rows, segments, from, begin, end } = bars;
  const { from: left, perPixel } = scale.linear;
  const right = left + perPixel * scale.width;
  const last = rows.offsets[row + 1]!;
  for (let place = firstEndingAfter(bars, row, left); place < last; place++) {
    const exchange = rows.items[place]!;
    if (begin[exchange]! > right) break;
    const after = segments.offsets[exchange + 1]!;
    for (let at = segments.offsets[exchange]!; at < after; at++) {
      const to = at + 1 < after ? from[at + 1]! : end[exchange]!;
      const start = Math.max(from[at]!, begin[exchange]!, left);
      if (start >= to || start > right) continue;
      visit(
        exchange,
        segments.kinds[at]!,
        (start - left) / perPixel,
        (Math.min(to, right) - left) / perPixel,
      );
    }
  }
}

/** How many segments a row has in the visible time, at most. */
export function partsIn(bars: Bars, row: number, scale: TimeScale): number {
  const { rows, segments, begin } = bars;
  const { from: left, perPixel } = scale.linear;
  const last = rows.offsets[row + 1]!;
  let parts = 0;
  for (let place = firstEndingAfter(bars, row, left); place < last; place++) {
    const exchange = rows.items[place]!;
    if (begin[exchange]! > left + perPixel * scale.width) break;
    parts += segments.offsets[exchange + 1]! - segments.offsets[exchange]!;
  }
  return parts;
}

/** The exchanges of a row do not overlap: their ends are in order as their beginnings are. */
function firstEndingAfter({ rows, end }: Bars, row: number, time: number): number {
  let low = rows.offsets[row]!;
  let high = rows.offsets[row + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end[rows.items[middle]!]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
