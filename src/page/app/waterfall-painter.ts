import { paintAxis, paintCursor } from '../canvas/axis-painter.ts';
import { paintBars, paintEnds } from '../canvas/bar-painter.ts';
import { type Bars, partsIn } from '../canvas/bars.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { paintLabels } from '../canvas/label-painter.ts';
import { paintPath } from '../canvas/path-painter.ts';
import type { Look } from '../canvas/pen.ts';
import type { RowScale } from '../canvas/row-scale.ts';
import type { Clock } from '../canvas/ticks.ts';
import type { TimeScale } from '../canvas/time-scale.ts';
import { endOf, labelOf, type RowLabel } from '../model/labels.ts';
import type { PathLine } from '../model/path.ts';
import { DensePainter } from './dense.ts';
import type { LaidOut } from './laid-out.ts';
import { lookNow } from './look.ts';
import { AXIS } from './waterfall-scales.ts';

/** All that a frame shows. */
export interface WaterfallPicture {
  readonly laid: LaidOut;
  readonly bars: Bars;
  readonly time: TimeScale;
  readonly rows: RowScale;
  readonly clock: Clock;
  readonly cursorUs: number | null;
  readonly selected: number | null;
  readonly pickedUs: { readonly fromUs: number; readonly toUs: number } | null;
  readonly path: readonly PathLine[];
}

/** With more parts than these, a frame folds them to pixels. */
const MOST_PARTS = 4_000;
const dense = new DensePainter();

/** Paints a frame. True if a better picture is on its way. */
export function paintWaterfall(
  pen: CanvasRenderingContext2D,
  picture: WaterfallPicture,
  width: number,
  height: number,
): boolean {
  const { bars: drawn, time, rows, laid } = picture;
  const look = lookNow();
  const gutter = gutterOf(width);
  const room = height - AXIS;
  pen.font = look.font;
  pen.save();
  pen.translate(gutter, 0);
  pen.beginPath();
  pen.rect(0, 0, width - gutter, height);
  pen.clip();
  paintAxis(pen, time, picture.clock, AXIS, room, look);
  pen.save();
  pen.translate(0, AXIS);
  pen.beginPath();
  pen.rect(0, 0, width - gutter, room);
  pen.clip();
  paintSelectedRow(pen, picture, width, look);
  let isMore = false;
  if (isSparse(picture)) {
    paintBars(pen, drawn, time, rows, look);
    paintEnds(pen, drawn, time, rows, look, endOf(laid.recording.exchange, laid.times));
  } else isMore = dense.paint(pen, drawn, time, rows, look);
  paintPicked(pen, picture, look);
  if (picture.path.length > 0) paintPath(pen, picture.path, drawn, time, rows, look);
  pen.restore();
  if (picture.cursorUs !== null) paintCursor(pen, picture.cursorUs, time, picture.clock, AXIS, room, look);
  pen.restore();
  pen.save();
  pen.beginPath();
  pen.rect(0, AXIS, gutter, room);
  pen.clip();
  pen.translate(0, AXIS);
  paintLabels(pen, rows, gutter, look, labelsOf(laid, drawn));
  pen.restore();
  return isMore;
}

function isSparse({ bars: drawn, time, rows }: WaterfallPicture): boolean {
  if (rows.rowHeight < 4) return false;
  let parts = 0;
  for (let row = rows.first; row < rows.after && parts <= MOST_PARTS; row++)
    parts += partsIn(drawn, row, time);
  return parts <= MOST_PARTS;
}

function paintSelectedRow(
  pen: CanvasRenderingContext2D,
  { selected: chosen, bars: drawn, rows }: WaterfallPicture,
  width: number,
  look: Look,
): void {
  const row = chosen === null ? -1 : drawn.rows.rowOf[chosen]!;
  if (row < 0) return;
  pen.fillStyle = look.raised;
  pen.fillRect(0, rows.y(row), width, Math.max(3, rows.rowHeight));
}

/** A line around the segment that is picked. */
function paintPicked(
  pen: CanvasRenderingContext2D,
  { selected: chosen, pickedUs, bars: drawn, rows, time }: WaterfallPicture,
  look: Look,
): void {
  const row = chosen === null ? -1 : drawn.rows.rowOf[chosen]!;
  if (row < 0 || pickedUs === null) return;
  const [from, to] = [time.x(pickedUs.fromUs), time.x(pickedUs.toUs)];
  pen.strokeStyle = look.ink;
  pen.lineWidth = 2;
  pen.strokeRect(from, rows.y(row) + 1, Math.max(3, to - from), Math.max(4, rows.rowHeight - 2));
}

function labelsOf({ recording, origins }: LaidOut, { rows }: Bars): (row: number) => RowLabel | null {
  const hasOrigins = origins.length > 1;
  if (rows.mode !== 'exchange')
    return (row) => {
      const group = rows.groups[row]!;
      if (row > 0 && rows.groups[row - 1] === group) return null;
      return { text: rows.titles[group]!, result: '', isBad: false };
    };
  return (row) => labelOf(recording.exchange[rows.items[row]!]!, hasOrigins);
}
