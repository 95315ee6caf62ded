import { calledOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { fromOf } from '../scene/modules.ts';
import { limitSeen, limitText } from '../scene/plateau.ts';
import { waitingBefore } from '../scene/waiting.ts';

/** A rate limiter: so many in a time, on purpose. */
export const rateLimit = rule({
  id: 'rate-limit',
  step: 'dispatched',
  means: 'a rate limiter',
  toldFrom: 'waits in its code',
  fix: { any: 'Nothing, if the server asks for this rate; otherwise raise it.' },
  sure: 'certain',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const waits = waitingBefore(scene, 'rate');
    if (waits === undefined) return undefined;
    const limits = scene.limits.filter(({ kind }) => kind === 'rate');
    const [limit] = limits;
    return {
      confidence: 'certain',
      share: scene.lostUnsentShare * waits.explained,
      text: `Requests waited for a rate limiter, a limit that somebody set${limit === undefined ? '' : `: ${limitText(limit, scene)}`}.`,
      because: waits.frame === undefined ? [] : [`They waited in ${calledOf(waits.frame)}.`],
      places: waits.places,
      ...fromOf(scene, waits.frame),
      evidence: [...limits.map(limitSeen), waits.seen],
    };
  },
});
