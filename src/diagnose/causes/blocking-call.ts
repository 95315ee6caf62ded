import { calledOf, placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { greenletsOf, holdingByCalls } from '../scene/holding.ts';
import { withVersion } from '../scene/modules.ts';
import type { Scene } from '../scene/scene.ts';

/** A synchronous call on a loop: the thread waits for one answer, and nobody else gets a turn. */
export function blockingCall(scene: Scene): Cause | undefined {
  const holding = holdingByCalls(scene);
  if (holding === undefined || greenletsOf(scene, holding.frames) !== undefined) return undefined;
  const { frames, own, share, exchanges, evidence } = holding;
  const called = own === undefined ? undefined : frames[frames.indexOf(own) - 1];
  const name = called === undefined ? undefined : packageOf(called.file);
  return {
    id: 'blocking-call',
    confidence: frames.length > 0 ? 'certain' : 'likely',
    text: `The event loop is blocked by a synchronous call${called === undefined ? '' : `, ${name === undefined ? calledOf(called) : `${calledOf(called)} of ${withVersion(scene, name)}`}`}${own === undefined ? '' : ` (${placeOf(own)})`}: one request at a time, while up to ${exchanges} others waited for their turn.`,
    share,
    evidence,
    remedy:
      'Use an asynchronous client here, or hand the call to threads (asyncio.to_thread, run_in_executor).',
    reference: 'astral-sh/ruff#28024',
  };
}
