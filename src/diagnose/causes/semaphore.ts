import { calledOf, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { limitEvidence, limitsAt, limitText, plateauOf } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { type Waiting, waitingBefore } from '../scene/waiting.ts';

/** A semaphore, or a queue that lets so many through at a time: the program's own limit. */
export function semaphore(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'semaphore', 'queue');
  return waits === undefined ? undefined : waitedFor(scene, waits);
}

function waitedFor(scene: Scene, waits: Waiting): Cause {
  const plateau = plateauOf(scene);
  const limits = plateau === undefined ? [] : limitsAt(scene, ['permits'], plateau.level);
  const [limit] = limits;
  const what = waits.frame === undefined ? 'a semaphore' : calledOf(waits.frame);
  const where = waits.own === undefined ? '' : `, entered at ${placeOf(waits.own)}`;
  return {
    id: 'semaphore',
    confidence: limit === undefined ? 'likely' : 'certain',
    text: `${plateau === undefined ? 'Requests' : `At most ${plateau.level} at a time: the others`} waited for a permit in ${what}${where}${limit === undefined ? '' : `; ${limitText(limit, scene)}`}.`,
    share: scene.lostUnsentShare * waits.explained,
    evidence: [...limits.map(limitEvidence), ...waits.evidence],
    remedy:
      'Raise the number of permits, if it is not there on purpose and the server can take more at once.',
    reference: 'sindresorhus/p-queue#178',
  };
}
