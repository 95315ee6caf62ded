import type { Bars } from './bars.ts';
import { Coverage, type Palette } from './coverage.ts';
import { RowScale } from './row-scale.ts';
import { type TimeRange, TimeScale } from './time-scale.ts';

/** Rows at least so high have a gap between them. */
const WITH_GAPS = 4;

/**
 * A picture of many rows, folded to pixels line by line, so that the work can be spread over frames: a frame is short
 * even if there are 100,000 exchanges to fold.
 */
export class FoldedPicture {
  readonly time: TimeScale;
  readonly rows: RowScale;
  readonly height: number;
  /** One number a pixel, as ImageData has them. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  readonly #bars: Bars;
  readonly #palette: Palette;
  readonly #coverage: Coverage;
  readonly #isUsed: boolean;
  #next = 0;

  /** `spare`: the pixels of a picture that nobody needs any more; they are used again, if they are as many. */
  constructor(
    bars: Bars,
    range: TimeRange,
    width: number,
    rows: RowScale,
    palette: Palette,
    spare?: Uint32Array<ArrayBuffer>,
  ) {
    this.time = new TimeScale(range, width, bars.fold);
    this.rows = rows;
    this.height = Math.ceil(rows.height);
    const size = width * this.height;
    this.pixels = spare?.length === size ? spare : new Uint32Array(size);
    this.#isUsed = this.pixels === spare;
    this.#bars = bars;
    this.#palette = palette;
    this.#coverage = new Coverage(width);
  }

  /** How many lines are folded, from the first on. */
  get lines(): number {
    return this.#next;
  }

  get isDone(): boolean {
    return this.#next >= this.height;
  }

  /** Folds lines until it is done, or until `isLate` says to stop. */
  work(isLate: () => boolean): void {
    const { count, rowHeight } = this.rows;
    for (; this.#next < this.height; this.#next++) {
      const y = this.#next;
      if (this.#isUsed) this.pixels.fill(0, y * this.time.width, (y + 1) * this.time.width);
      const first = Math.max(0, this.rows.rowAt(y));
      const after = Math.min(count, Math.max(first + 1, this.rows.rowAt(y + 1)));
      if (first >= count) {
        if (this.#isUsed) this.pixels.fill(0, y * this.time.width);
        this.#next = this.height;
        return;
      }
      if (rowHeight >= WITH_GAPS && this.rows.y(first + 1) - y < 2) continue;
      if (y > 0 && rowHeight > 1 && this.rows.rowAt(y - 1) === first) this.#repeatLine(y);
      else this.#foldLine(y, first, after);
      if (isLate()) {
        this.#next++;
        return;
      }
    }
  }

  #foldLine(y: number, first: number, after: number): void {
    for (let row = first; row < after; row++) this.#coverage.addRow(this.#bars, row, this.time);
    if (!this.#coverage.isEmpty)
      this.#coverage.drain(after - first, this.#palette, this.pixels, y * this.time.width);
  }

  #repeatLine(y: number): void {
    const { width } = this.time;
    this.pixels.copyWithin(y * width, (y - 1) * width, y * width);
  }
}

/** All rows in a picture of so many pixels. */
export function wholePicture(
  bars: Bars,
  range: TimeRange,
  width: number,
  height: number,
  palette: Palette,
): FoldedPicture {
  const { count } = bars.rows;
  const rowHeight = Math.min(6, height / Math.max(1, count));
  return new FoldedPicture(bars, range, width, new RowScale(count, rowHeight, 0, height), palette);
}
