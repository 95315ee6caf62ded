import type { Bars } from '../canvas/bars.ts';
import { FoldedPicture } from '../canvas/folded-picture.ts';
import type { Look } from '../canvas/pen.ts';
import { RowScale } from '../canvas/row-scale.ts';
import type { TimeScale } from '../canvas/time-scale.ts';
import { paletteOf } from './look.ts';
import { paintPixels, takePixels } from './pixels.ts';

/** The time that folding may take of a frame while the picture moves, and once it rests, in milliseconds. */
const MOVING_MS = 2;
const RESTING_MS = 12;
/** It rests after so many frames in which nothing moved. */
const RESTS = 5;
/** What is folded is so much wider and higher than what is visible: moving a little needs nothing new. */
const BEYOND = 0.4;

/**
 * Paints many bars. They are folded to pixels in the background, a part in each frame; until that is done, the last
 * picture is shown, moved and stretched to where its bars are now.
 */
export class DensePainter {
  #shown: FoldedPicture | null = null;
  #next: FoldedPicture | null = null;
  /** Of the picture before the shown one. */
  #spare: Uint32Array<ArrayBuffer> | undefined;
  #of: readonly unknown[] = [];
  #seen: readonly number[] = [];
  #stillFrames = RESTS;

  /** Paints what there is. True if a better picture is on its way. */
  paint(pen: CanvasRenderingContext2D, bars: Bars, time: TimeScale, rows: RowScale, look: Look): boolean {
    const of = [bars, look.paper, Math.round(time.width)];
    if (of.some((part, at) => part !== this.#of[at])) this.#forget(of);
    // One after the other: while a picture is folded, what it will show may be out of sight already.
    if (this.#next === null && !covers(this.#shown, time, rows))
      this.#next = around(bars, time, rows, look, this.#spare);
    const untilMs = performance.now() + this.#budgetMs(time, rows);
    if (this.#next !== null) {
      this.#next.work(() => performance.now() > untilMs);
      takePixels(this.#next);
      if (this.#shown === null) this.#shown = this.#next;
      if (this.#next.isDone && this.#shown !== this.#next) {
        this.#spare = this.#shown.pixels;
        this.#shown = this.#next;
      }
      if (this.#next.isDone) this.#next = null;
    }
    paintMoved(pen, this.#shown!, time, rows);
    return this.#next !== null || !covers(this.#shown, time, rows);
  }

  /** How long it may fold in this frame: little, unless nothing has moved for some frames. */
  #budgetMs(time: TimeScale, rows: RowScale): number {
    const seen = [time.range.fromUs, time.range.toUs, rows.top, rows.rowHeight];
    const hasMoved = this.#shown !== null && seen.some((value, at) => value !== this.#seen[at]);
    this.#seen = seen;
    this.#stillFrames = hasMoved ? 0 : this.#stillFrames + 1;
    return this.#stillFrames >= RESTS ? RESTING_MS : MOVING_MS;
  }

  #forget(of: readonly unknown[]): void {
    this.#of = of;
    this.#shown = null;
    this.#next = null;
    this.#spare = undefined;
  }
}

/** A picture of what is visible, and of some more on each side. */
function around(
  bars: Bars,
  time: TimeScale,
  rows: RowScale,
  look: Look,
  spare: Uint32Array<ArrayBuffer> | undefined,
): FoldedPicture {
  const width = Math.round(time.width);
  const before = Math.round(width * BEYOND);
  const range = { fromUs: time.us(-before), toUs: time.us(width + before) };
  const above = Math.min(rows.top, Math.round(rows.height * BEYOND));
  const below = Math.max(
    0,
    Math.min(rows.height * BEYOND, rows.count * rows.rowHeight - rows.top - rows.height),
  );
  const all = new RowScale(rows.count, rows.rowHeight, rows.top - above, rows.height + above + below);
  return new FoldedPicture(bars, range, width + 2 * before, all, paletteOf(look), spare);
}

/** Whether a picture has all that is visible, at the same scale. */
function covers(picture: FoldedPicture | null, time: TimeScale, rows: RowScale): boolean {
  if (picture === null) return false;
  const { perPixel, from } = picture.time.linear;
  const seen = time.linear;
  const isSameScale =
    Math.abs(perPixel / seen.perPixel - 1) < 1e-6 && Math.abs(picture.rows.rowHeight - rows.rowHeight) < 1e-9;
  const left = (seen.from - from) / perPixel;
  const above = rows.top - picture.rows.top;
  return (
    isSameScale &&
    left >= -1 &&
    left + time.width <= picture.time.width + 1 &&
    above >= -1 &&
    above + rows.height <= picture.height + 1
  );
}

function paintMoved(
  pen: CanvasRenderingContext2D,
  picture: FoldedPicture,
  time: TimeScale,
  rows: RowScale,
): void {
  const { from, perPixel } = picture.time.linear;
  const seen = time.linear;
  const x = (from - seen.from) / seen.perPixel;
  const width = (picture.time.width * perPixel) / seen.perPixel;
  const higher = rows.rowHeight / picture.rows.rowHeight;
  paintPixels(pen, picture, x, picture.rows.top * higher - rows.top, width, picture.height * higher);
}
