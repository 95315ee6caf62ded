import { countWhile } from '../../trace/browser.ts';
import { SEGMENT_KINDS, type SegmentKind, type Segments } from './segments.ts';

/** The steps of the funnel, each a curve: how many exchanges had reached it and were not finished. */
export const CURVE_STEPS = ['wanted', 'dispatched', 'connected', 'sent'] as const;
export type CurveStep = (typeof CURVE_STEPS)[number];

/** The segments in which an exchange has not reached a step: what is between its curve and the one above. */
const WAITED_BEFORE: Readonly<Record<CurveStep, readonly SegmentKind[]>> = {
  wanted: [],
  dispatched: ['queued'],
  connected: ['name', 'connect', 'handshake'],
  sent: ['blocked'],
};

/**
 * A number that changes at moments: `levels[at]` holds from `times[at]` to before `times[at + 1]`, and none before the
 * first. `areaUs[at]` is the sum of level times duration up to `times[at]`.
 */
export interface Curve {
  readonly times: Float64Array;
  readonly levels: Int32Array;
  readonly areaUs: Float64Array;
}

export type Curves = Readonly<Record<CurveStep, Curve>>;

/** The curves of all exchanges. Their means over the time in which any was wanted are the levels of the verdict. */
export function curvesOf(segments: Segments): Curves {
  const reached = CURVE_STEPS.map((_, step) => {
    const before = CURVE_STEPS.slice(0, step + 1).flatMap((one) => WAITED_BEFORE[one]);
    return Uint8Array.from(SEGMENT_KINDS, (kind) => (before.includes(kind) ? 0 : 1));
  });
  const [wanted, dispatched, connected, sent] = reached.map((isIn) => curveOf(segments, isIn));
  return { wanted: wanted!, dispatched: dispatched!, connected: connected!, sent: sent! };
}

/**
 * Where nobody saw when exchanges were wanted: as many as the program was told to have under way at once (`declared`), or as
 * many as were left. Where that is no more than what was seen, what was seen.
 */
export function withDeclared(curves: Curves, declared: number): Curves {
  return declared > mostOf(curves.wanted) ? { ...curves, wanted: declaredCurve(curves, declared) } : curves;
}

function declaredCurve({ wanted }: Curves, declared: number): Curve {
  const ends: number[] = [];
  for (let at = 1; at < wanted.times.length; at++)
    for (let level = wanted.levels[at]!; level < wanted.levels[at - 1]!; level++)
      ends.push(wanted.times[at]!);
  const left = stepsBetween(
    new Float64Array(ends.length).fill(wanted.times[0] ?? 0),
    Float64Array.from(ends),
  );
  return cappedAt(left, declared);
}

function cappedAt({ times, levels }: Curve, most: number): Curve {
  const capped = levels.map((level) => Math.min(level, most));
  const areaUs = new Float64Array(times.length);
  for (let at = 1; at < times.length; at++)
    areaUs[at] = areaUs[at - 1]! + capped[at - 1]! * (times[at]! - times[at - 1]!);
  return { times, levels: capped, areaUs };
}

/** How many exchanges are in a segment for which `isIn` has a 1. */
function curveOf({ offsets, fromUs, kinds, endUs }: Segments, isIn: Uint8Array): Curve {
  const starts = new Float64Array(kinds.length);
  const ends = new Float64Array(kinds.length);
  let count = 0;
  for (let exchange = 0; exchange + 1 < offsets.length; exchange++) {
    const last = offsets[exchange + 1]!;
    let inside = false;
    for (let at = offsets[exchange]!; at < last; at++) {
      const isNow = isIn[kinds[at]!] === 1;
      if (isNow === inside) continue;
      if (isNow) starts[count] = fromUs[at]!;
      else ends[count++] = fromUs[at]!;
      inside = isNow;
    }
    if (inside) ends[count++] = endUs[exchange]!;
  }
  return stepsBetween(starts.subarray(0, count).sort(), ends.subarray(0, count).sort());
}

function stepsBetween(starts: Float64Array, ends: Float64Array): Curve {
  const times = new Float64Array(2 * starts.length);
  const levels = new Int32Array(2 * starts.length);
  const areaUs = new Float64Array(2 * starts.length);
  let length = 0;
  let level = 0;
  let area = 0;
  let started = 0;
  for (let ended = 0; ended < ends.length; ) {
    const now = Math.min(starts[started] ?? Infinity, ends[ended]!);
    if (length > 0) area += level * (now - times[length - 1]!);
    while (starts[started]! === now) {
      level++;
      started++;
    }
    while (ends[ended]! === now) {
      level--;
      ended++;
    }
    times[length] = now;
    areaUs[length] = area;
    levels[length++] = level;
  }
  return {
    times: times.subarray(0, length),
    levels: levels.subarray(0, length),
    areaUs: areaUs.subarray(0, length),
  };
}

/** The level at a moment. */
export function levelAt(curve: Curve, us: number): number {
  const at = placeAt(curve, us);
  return at < 0 ? 0 : curve.levels[at]!;
}

/** All levels at a moment. */
export function levelsAt(curves: Curves, us: number): Readonly<Record<CurveStep, number>> {
  return {
    wanted: levelAt(curves.wanted, us),
    dispatched: levelAt(curves.dispatched, us),
    connected: levelAt(curves.connected, us),
    sent: levelAt(curves.sent, us),
  };
}

/** The mean level from one moment to a later one. */
export function meanOf(curve: Curve, fromUs: number, toUs: number): number {
  return toUs > fromUs
    ? (areaTo(curve, toUs) - areaTo(curve, fromUs)) / (toUs - fromUs)
    : levelAt(curve, fromUs);
}

/** The highest level of all. */
export function mostOf({ levels }: Curve): number {
  let most = 0;
  for (const level of levels) if (level > most) most = level;
  return most;
}

/** The next moment, or the one before, at which any of the curves changes; `us` itself where there is none. */
export function changeBeside(curves: Curves, us: number, direction: 1 | -1): number {
  let found = us;
  for (const step of CURVE_STEPS) {
    const { times } = curves[step];
    const before = countWhile(times, (time) => (direction === 1 ? time <= us : time < us));
    const next = direction === 1 ? times[before] : times[before - 1];
    if (next === undefined) continue;
    if (found === us || (direction === 1 ? next < found : next > found)) found = next;
  }
  return found;
}

/** The sum of level times duration up to a moment. */
export function areaTo(curve: Curve, us: number): number {
  const at = placeAt(curve, us);
  return at < 0 ? 0 : curve.areaUs[at]! + curve.levels[at]! * (us - curve.times[at]!);
}

/** Where the level is that holds at a moment; -1 before the first. */
export function placeAt({ times }: Curve, us: number): number {
  return countWhile(times, (time) => time <= us) - 1;
}
