import { calledOf, placeOf } from '../languages/frames.ts';
import { limitOf, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf, setPlaces } from '../scene/modules.ts';
import { limitSeen, limitsAt, limitText, plateauOf } from '../scene/plateau.ts';

/** A semaphore or a bounded queue: a limit of the program's own. */
export const semaphore = rule({
  id: 'semaphore',
  step: 'dispatched',
  means: 'a semaphore, a bounded queue or a capacity limiter limits how many run at once',
  toldFrom: 'the stacks of the units that wait',
  fix: {
    any: 'Raise the number of permits, if it is not there on purpose and the server can take more at once.',
  },
  sure: 'certain where its size was seen, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const waits = waitingBefore(scene, 'semaphore', 'queue');
    if (waits === undefined) return undefined;
    const plateau = plateauOf(scene);
    const known = limitOf(scene, waits);
    const set = plateau === undefined ? [] : limitsAt(scene, ['permits'], plateau.level);
    const limits = known === undefined ? set : [known];
    const [limit] = limits;
    const size = plateau?.level ?? limit?.size;
    const who = size === undefined ? 'Requests' : `At most ${size} at a time: the others`;
    const what = waits.frame === undefined ? 'a semaphore' : calledOf(waits.frame);
    const where = waits.own === undefined ? '' : `, entered at ${placeOf(waits.own)}`;
    return {
      confidence: limit === undefined ? 'likely' : 'certain',
      share: waits.share,
      text: `${who} waited for a permit in ${what}${where}.`,
      because: limit === undefined ? [] : [`${limitText(limit, scene)}.`],
      places: [...waits.places, ...setPlaces(scene, limit?.setAt)],
      ...fromOf(scene, waits.frame),
      evidence: [...limits.map(limitSeen), waits.seen],
    };
  },
});
