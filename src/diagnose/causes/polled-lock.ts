import { calledOf, placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { releasedBy, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf } from '../scene/modules.ts';
import { peakOf } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { MOSTLY } from '../thresholds.ts';

/** A lock without a queue: its holder makes a request, and the others sleep and try again. */
export const polledLock = rule({
  id: 'polled-lock',
  step: 'dispatched',
  means: 'a lock in a database, a cache or a file is held across the request; the others sleep and try again',
  toldFrom:
    'sleeps in the code of a lock, or at one line, each of which ends after the request of another one',
  fix: {
    any: 'Hold the lock, or the transaction, only for what has to be kept together, not across the request: send the request first, then lock and write.',
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
      text: `${exchanges} requests waited for one lock${what}${at}: each sleeps and tries again until it has the lock.`,
      because: ['It is held while another request is under way.'],
      places: waits.places,
      ...fromOf(scene, frame),
      evidence: [waits.seen],
      ...((frame === undefined || packageOf(frame.file) !== 'redis') && { reference: null }),
    };
  },
});

/** The sleeps are in the code of a lock. */
function sleepingForLock(scene: Scene): Waiting | undefined {
  const waits = waitingBefore(scene, 'lock');
  if (waits === undefined) return undefined;
  const asleep = waits.each.filter(({ block }) => block.wait.kind === 'sleep');
  return asleep.length >= MOSTLY * waits.each.length ? waits : undefined;
}

/** Many sleep in one line, as in the call of a database, and go one by one as requests end. */
function oneAfterAnother(scene: Scene): Waiting | undefined {
  if (releasedBy(scene) !== 'ends' || peakOf(scene)?.level !== 1) return undefined;
  return waitingBefore(scene, 'sleep');
}
