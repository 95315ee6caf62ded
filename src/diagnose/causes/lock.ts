import { calledOf, placeOf } from '../languages/frames.ts';
import { type Meanwhile, meanwhile, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf } from '../scene/modules.ts';
import { peakOf } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { MOSTLY } from '../thresholds.ts';

/** A lock that is held across the whole call: in the program, a middleware, a logging handler, a session. */
export const lock = rule({
  id: 'lock',
  step: 'dispatched',
  means: 'a lock is held across the request: a middleware, a hook, a logging handler, a session',
  toldFrom: 'the stacks of the units that wait for it, and what its holders do meanwhile',
  fix: {
    any: 'Hold the lock only for what has to be kept together, not across the request; or give each worker a session of its own.',
  },
  sure: 'certain from half of the time on, else likely',
  references: [
    {
      language: 'python',
      url: 'https://github.com/rollbar/pyrollbar/pull/269',
      title: 'requests.Session is not thread-safe, use thread local storage',
    },
  ],
  yieldsTo: ['polled-lock'],
  find: (scene) => {
    const waits = waitingBefore(scene, 'lock');
    if (waits === undefined) return undefined;
    const { did } = meanwhile(scene, waits.each);
    if (did === 'sleep' || (did === 'unseen' && isSoonGivenBack(scene))) return undefined; // the one is a rate
    const { frame, own, exchanges } = waits;
    const place = own ?? frame;
    const locks = locksOf(waits);
    const what = `${locks > 1 ? `${locks} locks` : 'one lock'}${frame === undefined || frame === own ? '' : ` (${calledOf(frame)})`}`;
    const called = place?.function === undefined ? '' : ` (${calledOf(place)})`;
    return {
      confidence: waits.explained >= MOSTLY ? 'certain' : 'likely',
      share: waits.share,
      text: `${exchanges} requests waited for ${what}${place === undefined ? '' : ` at ${placeOf(place)}${called}`}.`,
      because: [heldFor(did, locks)],
      places: waits.places,
      ...fromOf(scene, frame),
      evidence: [waits.seen],
    };
  },
});

const SLEEPS = 'The holder of the lock sleeps before it releases it.';
const WORKS = 'The holder of the lock does other work before it releases it.';

/** What a holder does meanwhile. */
function heldFor(did: Meanwhile['did'], locks: number): string {
  if (did === 'sleep') return SLEEPS;
  if (did === 'other') return WORKS;
  return `${locks > 1 ? 'Each' : 'It'} is held while another request is under way.`;
}

/** How many locks there are: one for each host, for instance. 0 where the recorder does not tell locks apart. */
function locksOf({ each }: Waiting): number {
  return new Set(each.flatMap(({ block: { wait } }) => wait.resource ?? [])).size;
}

/** Where many requests are under way behind it, it is not held across the request. */
function isSoonGivenBack(scene: Scene): boolean {
  return (peakOf(scene)?.level ?? 1) > 1;
}
