import { calledOf, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import type { Scene } from '../scene/scene.ts';
import { waitingBefore } from '../scene/waiting.ts';

/** A lock that is held across the whole call: in the program, a middleware, a logging handler, a session. */
export function lock(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'lock');
  if (waits === undefined) return undefined;
  const { frame, own, exchanges } = waits;
  const place = own ?? frame;
  const what = frame === undefined || frame === own ? 'one lock' : `one lock (${calledOf(frame)})`;
  return {
    id: 'lock',
    confidence: waits.explained >= 0.5 ? 'certain' : 'likely',
    text: `${exchanges} requests waited for ${what}${place === undefined ? '' : ` at ${placeOf(place)}${place.function === undefined ? '' : ` (${calledOf(place)})`}`}: it is held while another request is under way.`,
    share: scene.lostUnsentShare * waits.explained,
    evidence: waits.evidence,
    remedy:
      'Hold the lock only for what has to be kept together, not across the request; or give each worker a session of its own.',
    reference: 'rollbar/pyrollbar#269',
  };
}
