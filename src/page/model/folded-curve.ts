import { areaTo, type Curve, placeAt } from './curves.ts';

/** A curve folded to pixels: in each, the mean, the lowest and the highest level, and the one at its end. */
export interface FoldedCurve {
  readonly mean: Float32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly last: Int32Array;
}

/**
 * Folds a curve: pixel `x` is the time from `edges[x]` to `edges[x + 1]`. A pixel of many changes has their mean, which
 * keeps how much there was, and their extremes, which hide no peak.
 */
export function foldCurve(curve: Curve, edges: Float64Array): FoldedCurve {
  const width = Math.max(0, edges.length - 1);
  const low = new Int32Array(width);
  const high = new Int32Array(width);
  const last = new Int32Array(width);
  const { times, levels } = curve;
  let at = placeAt(curve, edges[0] ?? 0);
  for (let x = 0; x < width; x++) {
    const to = edges[x + 1]!;
    while (at + 1 < times.length && times[at + 1]! <= edges[x]!) at++;
    let least = at < 0 ? 0 : levels[at]!;
    let most = least;
    while (at + 1 < times.length && times[at + 1]! < to) {
      const level = levels[++at]!;
      if (level < least) least = level;
      if (level > most) most = level;
    }
    low[x] = least;
    high[x] = most;
    last[x] = at < 0 ? 0 : levels[at]!;
  }
  return { mean: meansIn(curve, edges), low, high, last };
}

/** The mean level in each pixel, which takes as long for many changes as for few. */
export function meansIn(curve: Curve, edges: Float64Array): Float32Array {
  const { times, levels, areaUs } = curve;
  const means = new Float32Array(Math.max(0, edges.length - 1));
  let at = placeAt(curve, edges[0] ?? 0);
  let area = areaTo(curve, edges[0] ?? 0);
  for (let x = 0; x < means.length; x++) {
    const to = edges[x + 1]!;
    at = lastUntil(times, at, to);
    const next = at < 0 ? 0 : areaUs[at]! + levels[at]! * (to - times[at]!);
    means[x] = to > edges[x]! ? (next - area) / (to - edges[x]!) : at < 0 ? 0 : levels[at]!;
    area = next;
  }
  return means;
}

/** The last place from `at` on whose time is not after a moment: found in ever larger strides. */
function lastUntil(times: Float64Array, at: number, us: number): number {
  let stride = 1;
  let found = at;
  while (found + stride < times.length && times[found + stride]! <= us) {
    found += stride;
    stride *= 2;
  }
  for (; stride >= 1; stride = Math.floor(stride / 2))
    if (found + stride < times.length && times[found + stride]! <= us) found += stride;
  return found;
}
