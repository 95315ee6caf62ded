import { followed } from '../canvas/follow.ts';
import { type TimeRange, TimeScale } from '../canvas/time-scale.ts';
import { bars, rowHeight, sortKey, top, whole } from './laid-out.ts';
import { visible } from './state.ts';
import { ROW_HEIGHT, type Scales } from './waterfall-scales.ts';

/** What moves the waterfall. */

/** All of the time, and all rows. */
export function showAll(): void {
  visible.value = whole.value;
  rowHeight.value = 0;
  top.value = 0;
}

export interface Zoom extends Pick<Scales, 'time' | 'rows'> {
  readonly x: number;
  /** How many times as much time is seen. */
  readonly factor: number;
}

/** Zooms time about a point. */
export function zoom({ time, rows, x, factor }: Zoom): void {
  show({ time, rows }, time.zoomed(factor, x, whole.value));
}

/** Shows a stretch of time, and the rows that have something in it: as high as before, if no more time is seen. */
export function show({ time, rows }: Pick<Scales, 'time' | 'rows'>, range: TimeRange): void {
  const drawn = bars.peek()!;
  visible.value = range;
  if (drawn.rows.mode !== 'exchange' || sortKey.peek() !== 'start') return;
  const all = rows.height / Math.max(1, rows.count);
  if (all >= LOWEST_LEGIBLE) return;
  const scale = new TimeScale(range, time.width, time.fold);
  const isWhole = range.fromUs <= whole.value.fromUs && range.toUs >= whole.value.toUs;
  const isMoved = Math.abs(scale.linear.perPixel / time.linear.perPixel - 1) < 1e-9;
  const [least, most] = isMoved ? [rows.rowHeight, rows.rowHeight] : [all, ROW_HEIGHT];
  const next = followed(drawn, scale, rows, least, most);
  rowHeight.value = isWhole ? 0 : next.rowHeight;
  top.value = isWhole ? 0 : Math.round(next.top);
}

/** Rows as high as this are legible, and need not follow. */
const LOWEST_LEGIBLE = 14;
