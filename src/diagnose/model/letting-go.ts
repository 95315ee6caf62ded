import { countWhile } from '../../trace/index.ts';
import { ofScene, type Scene, type Seen } from '../scene/scene.ts';

/** What lets the next one go: the end of another, the clock, or nothing that shows. */
export type LetGo = 'ends' | 'clock' | 'unknown';

/** Fewer have no rhythm. */
const LEAST = 6;
/** How far gaps may be from their mean (standard deviation over mean) to be a rhythm. */
const MOST_UNEVEN = 0.3;
/** One that follows the end of another by less is let go by it, not by a clock. */
const AT_ONCE = 0.25;
/** A shorter wait is the work of handing over. */
const LATE_US = 1_000;

/** Those that were not let go at once. */
export const heldBack = ofScene((scene): readonly Seen[] =>
  scene.exchanges.filter(
    ({ times }) => times.dispatched - times.wanted > LATE_US && times.dispatched < Infinity,
  ),
);

/** What let them go. */
export const letGo = ofScene((scene): LetGo => {
  const late = heldBack(scene);
  if (late.length < 2) return 'unknown';
  const gapUs = meanGap(late);
  if (followsEnds(scene, late, gapUs)) return 'ends';
  return rhythmOf(late) === undefined ? 'unknown' : 'clock';
});

/** The mean gap between calls, where all are about the same. */
export function rhythmOf(late: readonly Seen[]): number | undefined {
  const gaps = gapsOf(late);
  if (gaps.length < LEAST - 1) return undefined;
  const mean = meanOf(gaps);
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return mean > 0 && Math.sqrt(variance) <= MOST_UNEVEN * mean ? mean : undefined;
}

/** Whether most are let go just as another request ends. */
function followsEnds({ exchanges }: Scene, late: readonly Seen[], gapUs: number): boolean {
  const ends = Float64Array.from(exchanges, ({ endUs }) => endUs).sort();
  const after = late.filter(({ times }) => {
    const end = ends[countWhile(ends, (time) => time <= times.dispatched) - 1];
    return end !== undefined && times.dispatched - end <= AT_ONCE * gapUs;
  });
  return after.length >= late.length / 2;
}

function meanGap(late: readonly Seen[]): number {
  return meanOf(gapsOf(late));
}

function gapsOf(late: readonly Seen[]): readonly number[] {
  const calls = late.map(({ times }) => times.dispatched).sort((a, b) => a - b);
  return calls.slice(1).map((time, index) => time - calls[index]!);
}

function meanOf(gaps: readonly number[]): number {
  return gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length);
}
