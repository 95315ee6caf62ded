import { BLOCK_CLASSES, type BlockClass, type Lane } from '../model/lanes.ts';
import type { Look, Pen } from './pen.ts';
import type { TimeScale } from './time-scale.ts';

/** Pixels of a lane, and of the room below it. */
export const LANE = 18;
export const LANE_GAP = 6;

/** The colour of each class, by the names of segments: what holds a thread stands out. */
const COLOUR_OF: Readonly<Record<BlockClass, number>> = {
  one: 4,
  many: 0,
  cpu: 3,
  lock: 2,
  sleep: 1,
  other: 6,
};
/** A loop that waits for many at once holds nobody up. */
const HEIGHT_OF: Readonly<Record<BlockClass, number>> = {
  one: 1,
  many: 0.2,
  cpu: 0.8,
  lock: 0.6,
  sleep: 0.5,
  other: 0.4,
};

/** The colour of a class of blocks. */
export function colourOfClass(kind: BlockClass, look: Look): string {
  return look.segments[COLOUR_OF[kind]]!;
}

/**
 * Paints the blocks of a lane from `top` on. Where blocks are shorter than a pixel, each class is as high as the part of the
 * pixel that it took, one above the other: a long block hides no short ones, and many short ones look like what they are.
 */
export function paintLane(pen: Pen, lane: Lane, time: TimeScale, top: number, look: Look): void {
  const width = Math.max(1, Math.ceil(time.width));
  const covered = coverageOf(lane, time, width);
  let from = 0;
  for (let x = 1; x <= width; x++) {
    if (x < width && isSame(covered, from, x, width)) continue;
    paintColumn(pen, covered, from, x, width, top, look);
    from = x;
  }
}

/** The part of each pixel that blocks of each class take: class after class. */
export function coverageOf({ blocks, classes }: Lane, time: TimeScale, width: number): Float32Array {
  const parts = new Float32Array(BLOCK_CLASSES.length * (width + 2));
  const steps = new Float32Array(BLOCK_CLASSES.length * (width + 2));
  const { fromUs, toUs } = time.range;
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at]!;
    if (block.fromUs >= toUs) break;
    if (block.toUs <= fromUs) continue;
    const start = Math.max(0, time.x(block.fromUs));
    const stop = Math.min(width, time.x(block.toUs));
    const base = classes[at]! * (width + 2);
    const [first, last] = [Math.floor(start), Math.floor(stop)];
    if (first === last) parts[base + first]! += stop - start;
    else {
      parts[base + first]! += first + 1 - start;
      parts[base + last]! += stop - last;
      steps[base + first + 1]! += 1;
      steps[base + last]! -= 1;
    }
  }
  const covered = new Float32Array(BLOCK_CLASSES.length * width);
  for (let kind = 0; kind < BLOCK_CLASSES.length; kind++) {
    const base = kind * (width + 2);
    let whole = 0;
    for (let x = 0; x < width; x++) {
      whole += steps[base + x]!;
      covered[kind * width + x] = whole + parts[base + x]!;
    }
  }
  return covered;
}

function isSame(covered: Float32Array, a: number, b: number, width: number): boolean {
  for (let base = 0; base < covered.length; base += width)
    if (covered[base + a] !== covered[base + b]) return false;
  return true;
}

function paintColumn(
  pen: Pen,
  covered: Float32Array,
  from: number,
  to: number,
  width: number,
  top: number,
  look: Look,
): void {
  let sum = 0;
  for (let base = 0; base < covered.length; base += width) sum += covered[base + from]!;
  if (sum <= 1e-3) return;
  let bottom = top + LANE;
  BLOCK_CLASSES.forEach((kind, place) => {
    const part = covered[place * width + from]! / Math.max(1, sum);
    if (part <= 1e-3) return;
    const high = Math.max(1, part * HEIGHT_OF[kind] * LANE);
    pen.fillStyle = colourOfClass(kind, look);
    pen.fillRect(from, bottom - high, to - from, high);
    bottom -= high;
  });
}
