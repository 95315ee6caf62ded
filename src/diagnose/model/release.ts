import { ofScene, type Scene, type Seen } from '../scene/scene.ts';
import { sinceLast } from '../spans.ts';
import { gapsBetween, mean, median, variation } from '../statistics.ts';
import { AT_ONCE, HANDOVER_US } from '../thresholds.ts';

/** What releases the next request: the end of another one, the clock, or nothing that was seen. */
export type ReleasedBy = 'ends' | 'clock' | 'unknown';

/** Fewer requests have no rhythm. */
const LEAST = 6;
/** The coefficient of variation of gaps that make a rhythm. */
const MOST_UNEVEN = 0.3;

/** The requests that waited before they were dispatched. */
export const heldBack = ofScene((scene): readonly Seen[] =>
  scene.exchanges.filter(
    ({ times }) => times.dispatched - times.wanted > HANDOVER_US && times.dispatched < Infinity,
  ),
);

/** What released the requests that waited. */
export const releasedBy = ofScene((scene): ReleasedBy => {
  const late = heldBack(scene);
  if (late.length < 2) return 'unknown';
  if (followEnds(scene, late)) return 'ends';
  return rhythmOf(late) === undefined && burstsEveryUs(late) === undefined ? 'unknown' : 'clock';
});

/** Fewer bursts have no rhythm; so many requests make a burst. */
const LEAST_BURSTS = 4;
const LEAST_IN_BURST = 2;

/** How long it is from one burst of calls to the next, where all are as far apart: so many in each interval. */
export function burstsEveryUs(late: readonly Seen[]): number | undefined {
  const gaps = gapsOf(late);
  const meanUs = mean(gaps);
  const bursts = gaps.filter((gap) => gap > meanUs).length + 1;
  if (bursts < LEAST_BURSTS || late.length < LEAST_IN_BURST * bursts) return undefined;
  const times = late.map(({ times: { dispatched } }) => dispatched).sort((a, b) => a - b);
  const starts = times.filter((time, at) => at === 0 || time - times[at - 1]! > meanUs);
  // The first may come late in its interval: the program has just begun.
  const between = gapsBetween(starts.slice(1));
  return variation(between) <= MOST_UNEVEN ? median(between) : undefined;
}

/** The mean gap between calls, where all gaps are about the same. */
export function rhythmOf(late: readonly Seen[]): number | undefined {
  const gaps = gapsOf(late);
  return gaps.length >= LEAST - 1 && variation(gaps) <= MOST_UNEVEN ? mean(gaps) : undefined;
}

/** Whether most of them are dispatched just as another request ends. */
function followEnds({ exchanges }: Scene, late: readonly Seen[]): boolean {
  const ends = Float64Array.from(exchanges, ({ endUs }) => endUs).sort();
  const nearUs = AT_ONCE * mean(gapsOf(late));
  const after = late.filter(({ times }) => sinceLast(ends, times.dispatched) <= nearUs);
  return after.length >= late.length / 2;
}

function gapsOf(late: readonly Seen[]): readonly number[] {
  return gapsBetween(late.map(({ times }) => times.dispatched));
}
