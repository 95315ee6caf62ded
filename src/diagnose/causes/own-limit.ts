import type { CauseFound } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { explained, holds } from '../scene/attribution.ts';
import { plateauOf, plateauSeen } from '../scene/plateau.ts';
import { type Scene, type Seen, unsentUs } from '../scene/scene.ts';
import { LEAST_BLAMED } from '../scene/thresholds.ts';
import { waitingBefore } from '../scene/waiting.ts';
import { isUntold } from '../waits.ts';

/** Where no wait is seen, so much of the time has to be unexplained by anything else. */
const LEAST_UNCALLED = 0.7;

/** A limit that the program made itself, of conditions, events, futures or promises. */
export const ownLimit = rule({
  id: 'own-limit',
  step: 'dispatched',
  means: 'the program holds its work back itself: conditions, events, futures, promises',
  toldFrom:
    'waits in its own code, on a thread that is free; or work handed over and not called, while as many as before are under way',
  fix: {
    any: 'Let more through at once, if the limit is not there on purpose and the server can take more.',
  },
  sure: 'likely',
  references: [],
  yieldsTo: ['queue', 'pacing'],
  find: (scene) => ownGate(scene) ?? uncalled(scene),
});

/** The waits themselves are seen, in the program's own code. */
function ownGate(scene: Scene): CauseFound | undefined {
  const waits = waitingBefore(scene, 'own-gate');
  const plateau = plateauOf(scene);
  if (waits === undefined || plateau === undefined) return undefined;
  const { frame } = waits;
  return {
    confidence: 'likely',
    share: scene.lostUnsentShare * waits.explained,
    text: `At most ${plateau.level} at a time: the program holds the others back itself${frame === undefined ? '' : `, in ${calledOf(frame)} (${placeOf(frame)})`}.`,
    because: [`Up to ${plateau.waiting} waited there.`],
    places: waits.places,
    evidence: [waits.seen, plateauSeen(plateau)],
  };
}

/** Where no wait is seen and no frame says what let them through, the program's own code did: it had the work, and did not call. */
function uncalled(scene: Scene): CauseFound | undefined {
  const plateau = plateauOf(scene);
  if (plateau === undefined || scene.evidence.block.some(isUntold)) return undefined;
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
