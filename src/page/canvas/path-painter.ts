import type { PathLine } from '../model/path.ts';
import type { Bars } from './bars.ts';
import type { Look, Pen } from './pen.ts';
import type { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/**
 * Paints the critical path: along the bars of what each moment waited for, and from one to the next. Where the program
 * did something else before the next request, it is dashed.
 */
export function paintPath(
  pen: Pen,
  path: readonly PathLine[],
  bars: Bars,
  time: TimeScale,
  rows: RowScale,
  look: Look,
): void {
  pen.strokeStyle = look.ink;
  pen.lineWidth = 1.5;
  paintPieces(pen, path, bars, time, rows, false);
  pen.setLineDash([2, 4]);
  paintPieces(pen, path, bars, time, rows, true);
  pen.setLineDash([]);
}

function paintPieces(
  pen: Pen,
  path: readonly PathLine[],
  bars: Bars,
  time: TimeScale,
  rows: RowScale,
  isBetween: boolean,
): void {
  pen.beginPath();
  let before: number | null = null;
  for (const { at, fromUs, toUs, does } of path) {
    const row = bars.rows.rowOf[at]!;
    if (row < 0) continue;
    const y = Math.round(rows.y(row) + rows.rowHeight - Math.min(2, rows.rowHeight / 4)) + 0.5;
    const from = before ?? y;
    before = y;
    if ((does === 'between') !== isBetween) continue;
    const [fromX, toX] = [time.x(fromUs), time.x(toUs)];
    if (toX < 0 || fromX > time.width || Math.max(from, y) < 0 || Math.min(from, y) > rows.height) continue;
    pen.moveTo(Math.max(-2, fromX), from);
    pen.lineTo(Math.max(-2, fromX), y);
    pen.lineTo(Math.min(time.width + 2, toX), y);
  }
  pen.stroke();
}
