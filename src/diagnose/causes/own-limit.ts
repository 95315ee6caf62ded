import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { explained, holds } from '../scene/attribution.ts';
import type { Cause } from '../scene/cause.ts';
import { plateauOf } from '../scene/plateau.ts';
import { type Scene, type Seen, unsentUs } from '../scene/scene.ts';
import { waitingBefore } from '../scene/waiting.ts';
import { isUntold } from '../waits.ts';
import { pacing } from './pacing.ts';
import { gate } from './queue.ts';

/** A limit that the program made itself, of conditions, events, futures or promises. */
export function ownLimit(scene: Scene): Cause | undefined {
  return ownGate(scene) ?? uncalled(scene);
}

/** The waits themselves are seen, in the program's own code. */
function ownGate(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'own-gate');
  const plateau = plateauOf(scene);
  if (waits === undefined || plateau === undefined) return undefined;
  const { frame, explained: part, evidence } = waits;
  return {
    id: 'own-limit',
    confidence: 'likely',
    text: `At most ${plateau.level} at a time: the program holds the others back itself${frame === undefined ? '' : `, in ${calledOf(frame)} (${placeOf(frame)})`}.`,
    share: scene.lostUnsentShare * part,
    evidence: [
      ...evidence,
      `never more than ${plateau.level} let go at once while up to ${plateau.waiting} waited`,
    ],
    remedy: REMEDY,
    reference: REFERENCE,
  };
}

const REMEDY = 'Let more through at once, if the limit is not there on purpose and the server can take more.';
const REFERENCE = 'systeminit/si#6199';

/** Where no wait is seen and no frame says what let them through, the program's own code did: it had the work, and did not call. */
function uncalled(scene: Scene): Cause | undefined {
  const plateau = plateauOf(scene);
  const isTold = scene.evidence.block.some(isUntold);
  const part = scene.exchanges.reduce((sum, seen) => sum + uncalledUs(seen), 0) / unsentUs(scene.exchanges);
  if (gate(scene) !== undefined || pacing(scene) !== undefined) return undefined;
  if (
    plateau === undefined ||
    isTold ||
    part < 0.7 ||
    scene.limits.some(({ size }) => size === plateau.level)
  )
    return undefined;
  if (explained(holds(scene), scene.sample) >= 0.2) return undefined; // a thread that is held calls nobody
  const late = scene.exchanges.filter((seen) => uncalledUs(seen) > 0).at(-1);
  const frames = scene.framesOf(late?.exchange.stack);
  const own = ownFrame(frames) ?? frames.find(({ file }) => !file.startsWith('node:'));
  if (own === undefined) return undefined;
  return {
    id: 'own-limit',
    confidence: 'likely',
    text: `At most ${plateau.level} at a time: the program holds the others back itself, before the call at ${placeOf(own)} (a semaphore, a lock, or promises that wait for one another).`,
    share: scene.lostUnsentShare * part,
    evidence: [
      `handed over together, called later: up to ${plateau.waiting} waited while ${plateau.level} were under way`,
      `called at ${own.file}:${own.line}`,
    ],
    remedy: REMEDY,
    reference: REFERENCE,
  };
}

/** How long an exchange was asked for and its library not called. */
function uncalledUs({ exchange, times }: Seen): number {
  return typeof exchange.calledUs === 'number' ? Math.max(0, exchange.calledUs - times.wanted) : 0;
}
