import { placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { greenletsOf, holdingBy } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';

/** A loop, or a thread that others wait for, that sleeps. */
export function loopSleeps(scene: Scene): Cause | undefined {
  const holding = holdingBy(scene, 'sleep');
  if (holding === undefined) return undefined;
  const { frames, own, share, exchanges, evidence } = holding;
  const place = own ?? frames[0];
  const green = greenletsOf(scene, frames);
  return {
    id: 'loop-sleeps',
    confidence: place === undefined ? 'likely' : 'certain',
    text: `A blocking sleep${place === undefined ? '' : ` at ${placeOf(place)}`} held the thread: up to ${exchanges} requests waited for it before they could be sent.`,
    share,
    evidence,
    remedy:
      green === undefined
        ? "Use the loop's own sleep (asyncio.sleep, a timer), which lets others go on."
        : `Use ${green}.sleep, or let ${green} patch time before it is imported.`,
    reference: null,
  };
}
