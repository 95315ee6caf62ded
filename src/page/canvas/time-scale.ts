/** A stretch of time, in microseconds of the trace. */
export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** How much of the rest of the time a folded gap takes. */
const FOLDED_PART = 1 / 40;

/**
 * Time with gaps folded: each gap is as short as a fixed part of the rest. `fold` gives the folded time of a moment, `unfold`
 * the moment; both rise all the time, so that each moment has its own place.
 */
export class Fold {
  readonly gaps: readonly TimeRange[];
  readonly #us: readonly number[];
  readonly #folded: readonly number[];

  constructor(whole: TimeRange, gaps: readonly TimeRange[]) {
    this.gaps = gaps;
    const idleUs = gaps.reduce((sum, gap) => sum + gap.toUs - gap.fromUs, 0);
    const gapUs = (whole.toUs - whole.fromUs - idleUs) * FOLDED_PART;
    const us: number[] = [];
    const folded: number[] = [];
    let lessUs = 0;
    for (const gap of gaps) {
      us.push(gap.fromUs, gap.toUs);
      folded.push(gap.fromUs - lessUs);
      lessUs += Math.max(0, gap.toUs - gap.fromUs - gapUs);
      folded.push(gap.toUs - lessUs);
    }
    this.#us = us;
    this.#folded = folded;
  }

  /** Whether any time is folded. */
  get isPlain(): boolean {
    return this.#us.length === 0;
  }

  fold(us: number): number {
    return through(this.#us, this.#folded, us);
  }

  unfold(folded: number): number {
    return through(this.#folded, this.#us, folded);
  }

  /** Folds many moments. */
  foldAll(us: Float64Array): Float64Array {
    return this.isPlain ? us : us.map((time) => this.fold(time));
  }
}

/** Time as it is. */
export const UNFOLDED = new Fold({ fromUs: 0, toUs: 0 }, []);

/** Linear between the knots, and with slope 1 before the first and after the last. */
function through(from: readonly number[], to: readonly number[], value: number): number {
  if (from.length === 0) return value;
  let low = 0;
  let high = from.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (from[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0) return value - from[0]! + to[0]!;
  if (low === from.length) return value - from[before]! + to[before]!;
  const part = (value - from[before]!) / (from[low]! - from[before]!);
  return to[before]! + part * (to[low]! - to[before]!);
}

/** Nothing shorter is ever as wide as the picture. */
const SHORTEST_US = 20;

/** Where moments are in a picture: `range` is as wide as `width`. The same for all views that share a time axis. */
export class TimeScale {
  readonly range: TimeRange;
  readonly width: number;
  readonly fold: Fold;
  readonly #from: number;
  readonly #perPixel: number;

  constructor(range: TimeRange, width: number, fold: Fold = UNFOLDED) {
    this.range = range;
    this.width = width;
    this.fold = fold;
    this.#from = fold.fold(range.fromUs);
    this.#perPixel = Math.max(fold.fold(range.toUs) - this.#from, Number.MIN_VALUE) / Math.max(1, width);
  }

  /** The pixel of a moment. */
  x(us: number): number {
    return (this.fold.fold(us) - this.#from) / this.#perPixel;
  }

  /** The moment at a pixel. */
  us(x: number): number {
    return this.fold.unfold(this.#from + x * this.#perPixel);
  }

  /** The folded time at the left edge, and of a pixel: for those who place many moments that are folded already. */
  get linear(): { readonly from: number; readonly perPixel: number } {
    return { from: this.#from, perPixel: this.#perPixel };
  }

  /** Shows `factor` times as much time, so that the moment at pixel `x` stays there. */
  zoomed(factor: number, x: number, whole: TimeRange): TimeRange {
    const length = this.#perPixel * this.width;
    const next = Math.min(Math.max(length * factor, SHORTEST_US), this.#lengthOf(whole));
    const at = this.#from + x * this.#perPixel;
    return this.#within(at - (x / Math.max(1, this.width)) * next, next, whole);
  }

  /** Moves by so many pixels: later, if they are positive. */
  panned(pixels: number, whole: TimeRange): TimeRange {
    return this.#within(this.#from + pixels * this.#perPixel, this.#perPixel * this.width, whole);
  }

  #lengthOf({ fromUs, toUs }: TimeRange): number {
    return this.fold.fold(toUs) - this.fold.fold(fromUs);
  }

  #within(from: number, length: number, whole: TimeRange): TimeRange {
    const least = this.fold.fold(whole.fromUs);
    const start = Math.max(least, Math.min(from, least + this.#lengthOf(whole) - length));
    return { fromUs: this.fold.unfold(start), toUs: this.fold.unfold(start + length) };
  }
}
