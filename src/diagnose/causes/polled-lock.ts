import { calledOf, placeOf } from '../languages/frames.ts';
import { releasedBy, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf } from '../scene/modules.ts';
import { peakOf } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { MOSTLY } from '../thresholds.ts';

/** A lock that nobody can wait for: who wants it sleeps and tries again, and who has it makes a request. */
export const polledLock = rule({
  id: 'polled-lock',
  step: 'dispatched',
  means:
    'a lock in a database, a cache or a file is held across the request; who wants it sleeps and tries again',
  toldFrom: 'sleeps in the code of a lock, or in one line, each over when the request of another has ended',
  fix: {
    any: 'Hold the lock, or the transaction, only for what has to be kept together, not across the request: ask first, then lock and write.',
  },
  sure: 'certain where the code of a lock sleeps, else likely',
  references: [
    {
      language: 'python',
      url: 'https://redis.readthedocs.io/en/stable/lock.html',
      title: 'redis-py: Lock',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const waits = sleepingForLock(scene) ?? oneAfterAnother(scene);
    if (waits === undefined) return undefined;
    const { frame, own, exchanges } = waits;
    const isNamed = frame !== undefined && frame !== own;
    const what = isNamed ? ` (${calledOf(frame)})` : '';
    const at = own === undefined ? '' : ` at ${placeOf(own)}`;
    return {
      confidence: isNamed ? 'certain' : 'likely',
      share: waits.share,
      text: `${exchanges} requests waited for one lock${what}${at}: who wants it sleeps and tries again.`,
      because: ['It is held while another request is under way.'],
      places: waits.places,
      ...fromOf(scene, frame),
      evidence: [waits.seen],
    };
  },
});

/** The sleeps are in the code of a lock. */
function sleepingForLock(scene: Scene): Waiting | undefined {
  const waits = waitingBefore(scene, 'lock');
  if (waits === undefined) return undefined;
  const asleep = waits.stood.filter(({ block }) => block.wait.kind === 'sleep');
  return asleep.length >= MOSTLY * waits.stood.length ? waits : undefined;
}

/** Many sleep in one line, as in the call of a database, and go one by one as requests end. */
function oneAfterAnother(scene: Scene): Waiting | undefined {
  if (releasedBy(scene) !== 'ends' || peakOf(scene)?.level !== 1) return undefined;
  return waitingBefore(scene, 'sleep');
}
