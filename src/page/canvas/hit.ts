import { SEGMENT_KINDS, type SegmentKind } from '../model/segments.ts';
import { type Bars, visitRow } from './bars.ts';
import type { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** What is at a point of a waterfall. */
export interface Hit {
  readonly row: number;
  /** The exchange whose bar is there, or next to it. */
  readonly exchange: number;
  /** What it waited for at that moment; null beside its bar. */
  readonly kind: SegmentKind | null;
  readonly us: number;
}

/** So far beside a bar it is still meant: a finger is no needle. */
const SLACK = 6;

/** The bar at a pixel. Where rows are narrower than a pixel, the blocked one of those that are there. */
export function hitOf(bars: Bars, time: TimeScale, rows: RowScale, x: number, y: number): Hit | null {
  const first = rows.rowAt(y);
  const after = Math.max(first + 1, Math.min(rows.count, rows.rowAt(y + 1)));
  let best: Found | null = null;
  for (let row = first; row < after && row < rows.count; row++) {
    const found = inRow(bars, time, row, x);
    if (found !== null && (best === null || isBetter(found, best))) best = found;
  }
  return best === null
    ? null
    : {
        row: best.row,
        exchange: best.exchange,
        kind: best.distance === 0 ? SEGMENT_KINDS[best.kind]! : null,
        us: time.us(x),
      };
}

interface Found {
  readonly row: number;
  readonly exchange: number;
  readonly kind: number;
  /** Pixels between the point and the bar. */
  readonly distance: number;
}

const BLOCKED = SEGMENT_KINDS.indexOf('blocked');

function isBetter(one: Found, other: Found): boolean {
  if (one.distance !== other.distance) return one.distance < other.distance;
  return one.kind === BLOCKED && other.kind !== BLOCKED;
}

function inRow(bars: Bars, time: TimeScale, row: number, x: number): Found | null {
  let best: Found | null = null;
  // A row of one exchange is that exchange all along.
  const slack = bars.rows.mode === 'exchange' ? Infinity : SLACK;
  visitRow(bars, row, time, (exchange, kind, fromX, toX) => {
    const distance = Math.max(fromX - x, x - toX, 0);
    if (distance > slack) return;
    if (best === null || distance < best.distance || (distance === 0 && kind === BLOCKED))
      best = { row, exchange, kind, distance };
  });
  if (best === null && bars.rows.mode === 'exchange')
    return { row, exchange: bars.rows.items[row]!, kind: 0, distance: Infinity };
  return best;
}
