import type { Bars } from './bars.ts';
import type { Look, Pen } from './pen.ts';
import type { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** Paints the critical path: along each of its exchanges from when it was sent to its end, then on to the next one. */
export function paintPath(
  pen: Pen,
  path: readonly number[],
  sentUs: Float64Array,
  bars: Bars,
  time: TimeScale,
  rows: RowScale,
  look: Look,
): void {
  pen.strokeStyle = look.ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  let isDrawing = false;
  let before: readonly [x: number, y: number] | null = null;
  for (const exchange of path) {
    const row = bars.rows.rowOf[exchange]!;
    if (row < 0) continue;
    const y = Math.round(rows.y(row) + rows.rowHeight - Math.min(2, rows.rowHeight / 4)) + 0.5;
    const fromX = clamped(time.x(sentUs[exchange]!), time.width);
    const toX = clamped(time.x(bars.fold.unfold(bars.end[exchange]!)), time.width);
    const isNear = before === null || isWithin(before[1], y, rows.height);
    if (isNear) {
      if (before !== null) {
        if (!isDrawing) pen.moveTo(before[0], before[1]);
        pen.lineTo(before[0], y);
        pen.lineTo(fromX, y);
      } else pen.moveTo(fromX, y);
      pen.lineTo(toX, y);
    }
    isDrawing = isNear;
    before = [toX, y];
  }
  pen.stroke();
}

function clamped(x: number, width: number): number {
  return Math.max(-10, Math.min(width + 10, x));
}

/** Whether a line between two heights crosses the picture. */
function isWithin(y: number, other: number, height: number): boolean {
  return Math.max(y, other) >= -4 && Math.min(y, other) <= height + 4;
}
