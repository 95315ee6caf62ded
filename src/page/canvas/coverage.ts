import { SEGMENT_KINDS } from '../model/segments.ts';
import type { Bars } from './bars.ts';
import type { TimeScale } from './time-scale.ts';

const KINDS = SEGMENT_KINDS.length;

/** Red, green, blue of each kind of segment, 0 to 255, in the order of SEGMENT_KINDS. */
export type Palette = readonly (readonly [number, number, number])[];

/** A single bar among many rows stays as visible as this. */
const FAINTEST = 0.3;

/**
 * Folds rows into one line of pixels, which shows how much of each kind is in them: a pixel has the mean of the colours,
 * weighted by the time that they cover, so that no bar hides another one. The more of the rows is covered, the less
 * transparent it is.
 */
export class Coverage {
  readonly width: number;
  /** Of each kind, for each pixel: what bars cover in part, ... */
  readonly #parts: Float32Array;
  /** ... and how many more cover it as a whole than the pixel before. */
  readonly #steps: Float32Array;
  #first: number;
  #last = -1;
  #used = 0;

  constructor(width: number) {
    this.width = width;
    this.#first = width;
    this.#parts = new Float32Array(KINDS * (width + 2));
    this.#steps = new Float32Array(KINDS * (width + 2));
  }

  /** Adds all bars of a row. */
  addRow({ rows, segments, from: starts, begin, end }: Bars, row: number, scale: TimeScale): void {
    const { from: left, perPixel } = scale.linear;
    const { offsets, kinds } = segments;
    const right = left + perPixel * this.width;
    const last = rows.offsets[row + 1]!;
    for (let place = rows.offsets[row]!; place < last; place++) {
      const exchange = rows.items[place]!;
      const from = begin[exchange]!;
      const to = end[exchange]!;
      if (from >= right || to < left) continue;
      const after = offsets[exchange + 1]!;
      for (let at = offsets[exchange]!; at < after; at++) {
        const start = Math.max(starts[at]!, from, left);
        const stop = Math.min(at + 1 < after ? starts[at + 1]! : to, right);
        if (start < stop) this.#add(kinds[at]!, (start - left) / perPixel, (stop - left) / perPixel);
      }
    }
  }

  #add(kind: number, from: number, to: number): void {
    const first = from | 0;
    const last = to | 0;
    const base = kind * (this.width + 2);
    this.#used |= 1 << kind;
    if (first < this.#first) this.#first = first;
    if (last > this.#last) this.#last = last;
    if (first === last) {
      this.#parts[base + first]! += to - from;
      return;
    }
    this.#parts[base + first]! += first + 1 - from;
    this.#parts[base + last]! += to - last;
    this.#steps[base + first + 1]! += 1;
    this.#steps[base + last]! -= 1;
  }

  /** Whether anything is in the line. */
  get isEmpty(): boolean {
    return this.#last < this.#first;
  }

  /**
   * Writes the line, `rows` rows of which are in it, to `pixels` (0xAABBGGRR) from `at` on, and empties itself. Pixels
   * without a bar are left as they are.
   */
  drain(rows: number, palette: Palette, pixels: Uint32Array, at: number): void {
    const { width } = this;
    const first = this.#first;
    const last = Math.min(this.#last, width - 1);
    const parts = this.#parts;
    const steps = this.#steps;
    const bases: number[] = [];
    for (let kind = 0; kind < KINDS; kind++) if ((this.#used >> kind) & 1) bases.push(kind * (width + 2));
    const levels = new Float32Array(bases.length);
    const colours = bases.map((base) => palette[base / (width + 2)]!);
    for (let x = first; x <= last; x++) {
      let sum = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let one = 0; one < bases.length; one++) {
        const place = bases[one]! + x;
        levels[one]! += steps[place]!;
        const covered = levels[one]! + parts[place]!;
        if (covered <= 1e-4) continue;
        const colour = colours[one]!;
        sum += covered;
        red += covered * colour[0];
        green += covered * colour[1];
        blue += covered * colour[2];
      }
      if (sum <= 1e-4) continue;
      const alpha = 255 * (FAINTEST + (1 - FAINTEST) * Math.min(1, sum / rows));
      pixels[at + x] = (alpha << 24) | ((blue / sum) << 16) | ((green / sum) << 8) | (red / sum);
    }
    for (const base of bases) {
      parts.fill(0, base + first, base + this.#last + 1);
      steps.fill(0, base + first, base + this.#last + 2);
    }
    this.#first = width;
    this.#last = -1;
    this.#used = 0;
  }
}
