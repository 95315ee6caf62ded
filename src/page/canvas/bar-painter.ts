import { duration } from '../../diagnose/browser.ts';
import { SEGMENT_KINDS, type SegmentKind } from '../model/segments.ts';
import { type Bars, visitRow } from './bars.ts';
import type { Look, Pen } from './pen.ts';
import type { RowScale } from './row-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** How much of its row's height a segment takes: waiting in a queue is thin, what blocks is as high as it can be. */
const HEIGHTS: Readonly<Record<SegmentKind, number>> = {
  queued: 0.25,
  name: 0.5,
  connect: 0.5,
  handshake: 0.5,
  blocked: 1,
  answer: 0.7,
  read: 0.7,
};
const HEIGHT_OF = SEGMENT_KINDS.map((kind) => HEIGHTS[kind]);
const BLOCKED = SEGMENT_KINDS.indexOf('blocked');

/** Narrower parts are still drawn so wide, or nobody would see them. */
const NARROWEST = 0.75;
/** Less has no room for a text. */
const ROOM_FOR_TEXT = 64;

/** The upper edge and the height of a segment in its row. */
export function placeInRow(kind: number, y: number, rowHeight: number): readonly [y: number, height: number] {
  const room = rowHeight < 4 ? rowHeight : rowHeight - Math.min(4, rowHeight / 4);
  const height = Math.max(1, HEIGHT_OF[kind]! * room);
  return [y + (rowHeight - height) / 2, height];
}

/** Paints the bars of the visible rows one by one: for rows of which few parts are visible. */
export function paintBars(pen: Pen, bars: Bars, time: TimeScale, rows: RowScale, look: Look): void {
  const isWritten = rows.rowHeight >= 14;
  const texts: { text: string; x: number; y: number; room: number }[] = [];
  for (let row = rows.first; row < rows.after; row++) {
    const top = rows.y(row);
    visitRow(bars, row, time, (_exchange, kind, fromX, toX) => {
      const [y, height] = placeInRow(kind, top, rows.rowHeight);
      pen.fillStyle = look.segments[kind]!;
      pen.fillRect(fromX, y, Math.max(NARROWEST, toX - fromX), height);
      if (kind === BLOCKED && isWritten && toX - fromX >= ROOM_FOR_TEXT)
        texts.push({
          text: `blocked ${duration(time.us(toX) - time.us(fromX))}`,
          x: fromX + 6,
          y: top + rows.rowHeight / 2 + 0.5,
          room: toX - fromX - 12,
        });
    });
  }
  pen.fillStyle = look.paper;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  for (const { text, x, y, room } of texts) if (pen.measureText(text).width <= room) pen.fillText(text, x, y);
}

/** Marks what failed, and what nobody saw the end of: it goes on beyond its bar. */
export function paintEnds(
  pen: Pen,
  bars: Bars,
  time: TimeScale,
  rows: RowScale,
  look: Look,
  endOf: (exchange: number) => 'failed' | 'open' | null,
): void {
  const { items, offsets } = bars.rows;
  const { from: left, perPixel } = time.linear;
  for (let row = rows.first; row < rows.after; row++) {
    for (let place = offsets[row]!; place < offsets[row + 1]!; place++) {
      const how = endOf(items[place]!);
      if (how === null) continue;
      const x = (bars.end[items[place]!]! - left) / perPixel;
      if (x < 0 || x > time.width + 20) continue;
      const [y, height] = placeInRow(BLOCKED, rows.y(row), rows.rowHeight);
      if (how === 'failed') paintFailure(pen, x, y, height, look);
      else paintOpenEnd(pen, x, y, height, look);
    }
  }
}

function paintFailure(pen: Pen, x: number, y: number, height: number, look: Look): void {
  const size = Math.min(height, 8) / 2;
  const middle = y + height / 2;
  pen.strokeStyle = look.failed;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x + 2, middle - size);
  pen.lineTo(x + 2 + 2 * size, middle + size);
  pen.moveTo(x + 2, middle + size);
  pen.lineTo(x + 2 + 2 * size, middle - size);
  pen.stroke();
}

function paintOpenEnd(pen: Pen, x: number, y: number, height: number, look: Look): void {
  pen.fillStyle = look.quiet;
  [2, 7, 12].forEach((offset, index) => {
    pen.fillRect(x + offset, y + height * 0.15, 3 - index, height * 0.7);
  });
}
