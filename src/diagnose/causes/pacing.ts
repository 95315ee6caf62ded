import { msOf } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { explained, holds } from '../scene/attribution.ts';
import { CONNECTION_LIMITS, limitsAt } from '../scene/plateau.ts';
import { type Seen, waited } from '../scene/scene.ts';
import { LEAST_BLAMED, MOSTLY } from '../scene/thresholds.ts';
import { waitingBefore } from '../scene/waiting.ts';
import { isUntold } from '../waits.ts';

/** Fewer calls have no rhythm. */
const LEAST = 6;
/** How far gaps may be from their mean (standard deviation over mean) to be a rhythm. */
const MOST_UNEVEN = 0.3;
/** A call that follows the end of another by less is let go by it, not by a clock. */
const AT_ONCE = 0.25;
/** A shorter wait is the work of handing over. */
const LATE_US = 1_000;

/** A program that lets its requests go one by one, by the clock, on purpose: a sleep or a timer before each call. */
export const pacing = rule({
  id: 'pacing',
  step: 'dispatched',
  means: 'requests are sent at fixed intervals',
  toldFrom: 'calls at even distances, none of which follows the end of another; a sleep before them',
  fix: { any: 'Nothing, if the server asks for this pace; otherwise let them go at once.' },
  sure: 'likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const late = scene.exchanges.filter(({ times }) => times.dispatched - times.wanted > LATE_US);
    if (late.length < LEAST || late.length < MOSTLY * scene.exchanges.length) return undefined;
    const gapUs = rhythmOf(late);
    if (gapUs === undefined || isLetGoByOthers(late, scene.exchanges, gapUs)) return undefined;
    // A pool that is full has the rhythm of the answers.
    if (limitsAt(scene, CONNECTION_LIMITS, scene.judgement.inFlight.max).length > 0) return undefined;
    if (explained(holds(scene), scene.sample) >= LEAST_BLAMED) return undefined; // a thread that is held has a rhythm, too
    const waits = waitingBefore(scene, 'sleep');
    // Where other waits are told, it is one of those.
    if (waits === undefined && scene.blocks.some(isUntold)) return undefined;
    const own = waits?.own ?? ownFrame(scene.framesOf(late[0]!.exchange.stack));
    return {
      confidence: 'likely',
      share:
        scene.lostUnsentShare *
        (waits?.explained ?? waited(late, 'dispatched') / waited(scene.exchanges, 'dispatched')),
      text: `The program lets one request go every ${duration(gapUs)}, by the clock${own === undefined ? '' : ` (${placeOf(own)})`}, while up to ${mostWaiting(late)} wait.`,
      because: ['This is a pace that somebody set.'],
      places: placesOf(own, waits?.frame),
      evidence: [
        { kind: 'rhythm', calls: late.length, everyMs: msOf(gapUs) },
        ...(waits === undefined ? [] : [waits.seen]),
      ],
    };
  },
});

/** The mean gap between calls, where all are about the same. */
function rhythmOf(late: readonly Seen[]): number | undefined {
  const calls = late
    .map(({ times }) => times.dispatched)
    .filter((time) => time < Infinity)
    .sort((a, b) => a - b);
  const gaps = calls.slice(1).map((time, index) => time - calls[index]!);
  if (gaps.length < LEAST - 1) return undefined;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return mean > 0 && Math.sqrt(variance) <= MOST_UNEVEN * mean ? mean : undefined;
}

/** Whether most calls come just as another request ends: then that let them go. */
function isLetGoByOthers(late: readonly Seen[], all: readonly Seen[], gapUs: number): boolean {
  const ends = Float64Array.from(all, ({ endUs }) => endUs).sort();
  const after = late.filter(({ times }) => {
    const end = ends.findLast((time) => time <= times.dispatched);
    return end !== undefined && times.dispatched - end <= AT_ONCE * gapUs;
  });
  return after.length >= late.length / 2;
}

function mostWaiting(late: readonly Seen[]): number {
  return Math.max(
    ...late.map(
      ({ times: { wanted } }) =>
        late.filter(({ times }) => times.wanted <= wanted && times.dispatched > wanted).length,
    ),
  );
}
