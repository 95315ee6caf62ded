import { ownFrame, placeOf } from '../languages/frames.ts';
import { explained, holds } from '../scene/attribution.ts';
import type { Cause } from '../scene/cause.ts';
import { CONNECTION_LIMITS, limitsAt } from '../scene/plateau.ts';
import { ofScene, type Scene, type Seen, waited } from '../scene/scene.ts';
import { seconds, waitingBefore } from '../scene/waiting.ts';
import { isUntold } from '../waits.ts';

/** Fewer calls have no rhythm. */
const LEAST = 6;
/** How far gaps may be from their mean (standard deviation over mean) to be a rhythm. */
const MOST_UNEVEN = 0.3;
/** A call that follows the end of another by less is let go by it, not by a clock. */
const AT_ONCE = 0.25;

/** A program that lets its requests go one by one, by the clock, on purpose: a sleep or a timer before each call. */
export const pacing = ofScene((scene: Scene): Cause | undefined => {
  const late = scene.exchanges.filter(({ times }) => times.dispatched - times.wanted > 1_000);
  if (late.length < LEAST || late.length < scene.exchanges.length / 2) return undefined;
  const gapUs = rhythmOf(late);
  if (gapUs === undefined || isLetGoByOthers(late, scene.exchanges, gapUs)) return undefined;
  // A pool that is full has the rhythm of the answers.
  if (limitsAt(scene, CONNECTION_LIMITS, scene.judgement.inFlight.max).length > 0) return undefined;
  if (explained(holds(scene), scene.sample) >= 0.2) return undefined; // a thread that is held has a rhythm, too
  const waits = waitingBefore(scene, 'sleep');
  // Where other waits are told, it is one of those.
  if (waits === undefined && scene.blocks.some(isUntold)) return undefined;
  const own = waits?.own ?? ownFrame(scene.framesOf(late[0]!.exchange.stack));
  const most = mostWaiting(late);
  return {
    id: 'pacing',
    confidence: 'likely',
    text: `The program lets one request go every ${seconds(gapUs)}, by the clock${own === undefined ? '' : ` (${placeOf(own)})`}, while up to ${most} wait. This is a pace that somebody set.`,
    share:
      scene.lostUnsentShare *
      (waits?.explained ?? waited(late, 'dispatched') / waited(scene.exchanges, 'dispatched')),
    evidence: [
      `${late.length} calls ${seconds(gapUs)} apart, none of which waited for another request to end`,
      ...(waits?.evidence ?? []),
    ],
    remedy: 'Nothing, if the server asks for this pace; otherwise let them go at once.',
    reference: null,
  };
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
