import { calledOf, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { countOf, greenletsOf, holdingBy, patchesOf } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';

/** Names are looked up on the loop's own thread: each look-up stops everybody. */
export function dnsBlocksLoop(scene: Scene): Cause | undefined {
  const holding = holdingBy(scene, 'name');
  if (holding === undefined) return undefined;
  const { frames, share, exchanges, blocks, evidence } = holding;
  const green = greenletsOf(scene, frames);
  const resolver = patchesOf(scene).patches.find(({ target }) => target === 'socket.getaddrinfo');
  const leaf = frames[0];
  return {
    id: 'dns-blocks-loop',
    confidence: leaf === undefined ? 'likely' : 'certain',
    text: `Look-ups of names (DNS) run on the thread of the ${green === undefined ? 'loop' : `${green} hub`}${leaf === undefined ? '' : `, in ${calledOf(leaf)} (${placeOf(leaf)})`}: ${countOf(blocks)} one after another, and up to ${exchanges} requests waited meanwhile.`,
    share,
    evidence: [
      ...(resolver === undefined ? [] : [`resolver: ${resolver.replacement ?? resolver.by}`]),
      ...evidence,
    ],
    remedy:
      green === undefined
        ? "Use the loop's own getaddrinfo, or a resolver that does not block."
        : `Use a resolver that does not block: GEVENT_RESOLVER=thread or ares${green === 'eventlet' ? ', or EVENTLET_NO_GREENDNS unset' : ''}.`,
    reference: 'gevent/gevent#1904',
  };
}
