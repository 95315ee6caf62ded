import type { CauseFound } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { limitOf, releasedBy, seesWaits, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { explained, holds } from '../scene/attribution.ts';
import { fromOf, setPlaces, withVersion } from '../scene/modules.ts';
import { limitSeen, limitText, type Plateau, peakOf, plateauOf, plateauSeen } from '../scene/plateau.ts';
import { type Scene, type Seen, unsentUs } from '../scene/scene.ts';
import { HANDOVER_US, LEAST_BLAMED, NEARLY_ALL } from '../thresholds.ts';

/** Where no wait is seen, so much of the time has to be unexplained by anything else. */
const LEAST_UNCALLED = 0.7;

/** A limit of the program, or of a package, that is none of the other kinds. */
export const resourceLimit = rule({
  id: 'resource-limit',
  step: 'dispatched',
  means:
    'the program or a package limits how many requests are under way: by conditions, events, futures or promises',
  toldFrom:
    'waits in its code on a free thread, each of which ends with another request; or requests that are wanted and not called, while the number under way stays the same',
  fix: {
    any: 'Raise this limit, if it is not there on purpose and the server can take more at once.',
  },
  sure: 'certain where its size was seen, else likely',
  references: [],
  yieldsTo: [
    'polled-lock',
    'queue',
    'pacing',
    'semaphore',
    'lock',
    'connection-limit',
    'worker-limit',
    'one-worker',
    'stream-limit',
    'chunks',
  ],
  find: (scene) => {
    const waits = standing(scene);
    // A busy machine may leave slots free for a while: where waits were seen to end with requests, there is a limit.
    const isSeen = waits !== undefined && releasedBy(scene) === 'ends';
    const plateau = isSeen ? peakOf(scene) : plateauOf(scene);
    if (plateau === undefined) return undefined;
    if (waits !== undefined) return gate(scene, plateau, waits);
    return handedOverLate(scene, plateau) ?? uncalled(scene, plateau);
  },
});

/** Waits that only a stack shows and that end when requests do, those of units that sleep and try again included. */
function standing(scene: Scene): Waiting | undefined {
  const own = waitingBefore(scene, 'own-gate');
  if (own !== undefined || releasedBy(scene) !== 'ends') return own;
  return waitingBefore(scene, 'rate', 'gate') ?? waitingBefore(scene, 'sleep');
}

/** The waits themselves are seen. */
function gate(scene: Scene, plateau: Plateau, waits: Waiting): CauseFound {
  const { frame } = waits;
  const limit = limitOf(scene, waits);
  const name = frame && packageOf(frame.file);
  const of = name === undefined ? '' : ` of ${withVersion(scene, name)}`;
  const where = frame === undefined ? 'a gate of its own' : `${calledOf(frame)}${of} (${placeOf(frame)})`;
  return {
    confidence: limit?.size === plateau.level ? 'certain' : 'likely',
    share: waits.share,
    text: `At most ${plateau.level} at a time: the others wait in ${where} until one has ended.`,
    because: [
      `Up to ${plateau.waiting} waited there.`,
      ...(limit === undefined ? [] : [`${limitText(limit, scene)}.`]),
    ],
    places: [...waits.places, ...setPlaces(scene, limit?.setAt)],
    ...fromOf(scene, frame),
    evidence: [...(limit === undefined ? [] : [limitSeen(limit)]), waits.seen, plateauSeen(plateau)],
  };
}

/** So early before its call a unit was made, as a part of the time for which its request was wanted. */
const JUST_MADE = 0.25;

/** A window: the program makes the unit of work for a request only when that for another one has ended. */
function handedOverLate(scene: Scene, plateau: Plateau): CauseFound | undefined {
  const waiting = scene.exchanges.filter((seen) => uncalledUs(seen) > HANDOVER_US);
  const late = waiting.filter((seen) => {
    const madeUs = scene.units.get(seen.exchange.unit ?? -1)?.madeUs;
    return madeUs !== undefined && seen.exchange.calledUs! - madeUs < JUST_MADE * uncalledUs(seen);
  });
  const units = new Set(late.map(({ exchange }) => exchange.unit));
  if (units.size < late.length || late.length < NEARLY_ALL * waiting.length || late.length < 2)
    return undefined;
  const own = ownFrame(scene.framesOf(scene.units.get(late[0]!.exchange.unit!)?.madeAt));
  if (own === undefined) return undefined;
  return {
    confidence: 'likely',
    share: scene.lostUnsentShare,
    text: `At most ${plateau.level} at a time: the program starts the next one only when another has ended, at ${placeOf(own)}.`,
    places: placesOf(own),
    evidence: [plateauSeen(plateau)],
  };
}

/** Where no wait is seen and no frame says what let them through, the program's own code did: it had the work, and did not call. */
function uncalled(scene: Scene, plateau: Plateau): CauseFound | undefined {
  if (seesWaits(scene)) return undefined;
  if (scene.limits.some(({ size }) => size === plateau.level)) return undefined;
  const part = scene.exchanges.reduce((sum, seen) => sum + uncalledUs(seen), 0) / unsentUs(scene.exchanges);
  if (part < LEAST_UNCALLED) return undefined;
  if (explained(holds(scene), scene.sample) >= LEAST_BLAMED) return undefined; // a thread that is held calls nobody
  const late = scene.exchanges.filter((seen) => uncalledUs(seen) > 0).at(-1);
  const frames = scene.framesOf(late?.exchange.stack);
  const own = ownFrame(frames) ?? frames.find(({ file }) => !file.startsWith('node:'));
  if (own === undefined) return undefined;
  return {
    confidence: 'likely',
    share: scene.lostUnsentShare * part,
    text: `At most ${plateau.level} at a time: the program holds the others back itself, before the call at ${placeOf(own)}.`,
    because: ['A semaphore, a lock, or promises that wait for one another would do that.'],
    places: placesOf(own),
    evidence: [plateauSeen(plateau)],
  };
}

/** How long an exchange was wanted and its library not called. */
function uncalledUs({ exchange, times }: Seen): number {
  return typeof exchange.calledUs === 'number' ? Math.max(0, exchange.calledUs - times.wanted) : 0;
}
