import { msOf } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { heldBack, releasedBy, rhythmOf, seesWaits, waitingBefore } from '../model/index.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { explained, holds } from '../scene/attribution.ts';
import { CONNECTION_LIMITS, limitsAt } from '../scene/plateau.ts';
import { type Seen, waited } from '../scene/scene.ts';
import { LEAST_BLAMED, MOSTLY } from '../thresholds.ts';

/** Fewer have no rhythm. */
const LEAST = 6;

/** A program that sends its requests by the clock, on purpose: a sleep or a timer before each call. */
export const pacing = rule({
  id: 'pacing',
  step: 'dispatched',
  means: 'requests are sent at fixed intervals',
  toldFrom: 'calls at even distances, none of which follows the end of another; a sleep before them',
  fix: { any: 'Nothing, if the server asks for this pace; otherwise send them at once.' },
  sure: 'likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const late = heldBack(scene);
    if (late.length < LEAST || late.length < MOSTLY * scene.exchanges.length) return undefined;
    const gapUs = rhythmOf(late);
    if (gapUs === undefined || releasedBy(scene) !== 'clock') return undefined;
    // A pool that is full has the rhythm of the answers.
    if (limitsAt(scene, CONNECTION_LIMITS, scene.judgement.inFlight.max).length > 0) return undefined;
    if (explained(holds(scene), scene.sample) >= LEAST_BLAMED) return undefined; // a thread that is held has a rhythm, too
    const waits = waitingBefore(scene, 'sleep');
    // Where other waits were seen, one of those is the cause.
    if (waits === undefined ? seesWaits(scene) : waitingBefore(scene, 'lock') !== undefined) return undefined;
    const own = waits?.own ?? ownFrame(scene.framesOf(late[0]!.exchange.stack));
    return {
      confidence: 'likely',
      share:
        scene.lostUnsentShare *
        (waits?.explained ?? waited(late, 'dispatched') / waited(scene.exchanges, 'dispatched')),
      text: `The program sends one request every ${duration(gapUs)}, by the clock${own === undefined ? '' : ` (${placeOf(own)})`}, while up to ${mostWaiting(late)} wait.`,
      because: ['Somebody set this pace.'],
      places: placesOf(own, waits?.frame),
      evidence: [
        { kind: 'rhythm', calls: late.length, everyMs: msOf(gapUs) },
        ...(waits === undefined ? [] : [waits.seen]),
      ],
    };
  },
});

function mostWaiting(late: readonly Seen[]): number {
  return Math.max(
    ...late.map(
      ({ times: { wanted } }) =>
        late.filter(({ times }) => times.wanted <= wanted && times.dispatched > wanted).length,
    ),
  );
}
