import { calledOf, isOwnWork, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { holdingBy } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';

/** Without stacks a busy thread has to be busy for this part of the time to be a cause. */
const LEAST_BLIND = 0.5;

/** A loop that computes instead of sending. */
export function loopComputes(scene: Scene): Cause | undefined {
  const holding = holdingBy(scene, 'cpu');
  if (holding === undefined) return undefined;
  const { frames, own, share, exchanges, evidence } = holding;
  const isBlind = scene.evidence.stack.length === 0;
  if (isBlind ? share < LEAST_BLIND : !isOwnWork(frames)) return undefined;
  const place = own ?? frames[0];
  const inside = frames[0] === undefined || frames[0] === place ? '' : ` in ${calledOf(frames[0])}`;
  return {
    id: 'loop-computes',
    confidence: frames.length > 0 ? 'certain' : 'likely',
    text: `The event loop was busy with CPU${inside}${place === undefined ? '' : ` at ${placeOf(place)}${place.function === undefined ? '' : ` (${calledOf(place)})`}`}: up to ${exchanges} requests waited for it before they could be sent.`,
    share,
    evidence,
    remedy: 'Move this work off the loop (a worker thread or process), or do it after the requests are out.',
    reference: 'hapijs/wreck#251',
  };
}
