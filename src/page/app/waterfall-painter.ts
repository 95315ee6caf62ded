import { duration } from '../../diagnose/browser.ts';
import { paintAxis, paintCursor } from '../canvas/axis-painter.ts';
import { paintBars, paintEnds } from '../canvas/bar-painter.ts';
import { type Bars, partsIn } from '../canvas/bars.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { paintLabels, shortened } from '../canvas/label-painter.ts';
import { paintPath } from '../canvas/path-painter.ts';
import type { Look } from '../canvas/pen.ts';
import type { RowScale } from '../canvas/row-scale.ts';
import type { Clock } from '../canvas/ticks.ts';
import type { TimeScale } from '../canvas/time-scale.ts';
import { endOf, exchangeLabel, labelOf, type RowLabel } from '../model/labels.ts';
import type { PathLine } from '../model/path.ts';
import { SEGMENT_WORDS, segmentsAt } from '../model/segments.ts';
import { DensePainter } from './dense.ts';
import type { hovered, LaidOut } from './laid-out.ts';
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
  readonly hovered: typeof hovered.value;
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
  if (picture.selected !== null) paintRequest(pen, picture.selected, laid, drawn, time, rows, look);
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
  if (picture.hovered !== null) paintHint(pen, picture, picture.hovered, width, look);
  return isMore;
}

/** What is under the pointer, beside it. */
function paintHint(
  pen: CanvasRenderingContext2D,
  { laid, bars: drawn }: WaterfallPicture,
  { hit, x, y }: NonNullable<WaterfallPicture['hovered']>,
  width: number,
  look: Look,
): void {
  const exchange = laid.recording.exchange[hit.exchange]!;
  const segment = segmentsAt(drawn.segments, hit.exchange).find(
    ({ fromUs, toUs }) => hit.us >= fromUs && hit.us < toUs,
  );
  if (segment === undefined) return;
  const url = shortened(pen, exchangeLabel(exchange, laid.origins.length > 1), 260);
  const text = `${url}  ${SEGMENT_WORDS[segment.kind]} ${duration(segment.toUs - segment.fromUs)}`;
  const room = pen.measureText(text).width + 16;
  const left = Math.max(0, Math.min(x + 12, width - room));
  pen.fillStyle = look.ink;
  pen.fillRect(left, y + 14, room, 22);
  pen.fillStyle = look.paper;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, left + 8, y + 25.5);
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

/** Lines from each exchange of the selected request to the next one: its retries and redirects. */
function paintRequest(
  pen: CanvasRenderingContext2D,
  chosen: number,
  { recording, times }: LaidOut,
  drawn: Bars,
  time: TimeScale,
  rows: RowScale,
  look: Look,
): void {
  const { request } = recording.exchange[chosen]!;
  if (request === undefined) return;
  const own = recording.exchange
    .flatMap((exchange, at) => (exchange.request === request && drawn.rows.rowOf[at]! >= 0 ? at : []))
    .sort((a, b) => times.wanted[a]! - times.wanted[b]!);
  pen.strokeStyle = look.accent;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const [place, at] of own.slice(1).entries()) {
    const before = own[place]!;
    const middle = (exchange: number) => rows.y(drawn.rows.rowOf[exchange]!) + rows.rowHeight / 2;
    pen.moveTo(time.x(times.end[before]!), middle(before));
    pen.lineTo(time.x(times.wanted[at]!), middle(at));
  }
  pen.stroke();
}
