import { calledOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { greenletsOf, patchesOf } from '../scene/greenlets.ts';
import { countOf, holdingBy } from '../scene/holding.ts';
import { moduleVersion } from '../scene/modules.ts';

/** Names are looked up on the loop's own thread: each look-up stops everybody. */
export const dnsBlocksLoop = rule({
  id: 'dns-blocks-loop',
  step: 'connected',
  means: 'names are looked up on the thread of the event loop: each look-up stops it',
  toldFrom: 'look-ups on the thread of the loop',
  fix: {
    any: 'Use a resolver that does not block the loop.',
    python:
      "Use the loop's own getaddrinfo (`await loop.getaddrinfo(...)`), or a resolver that does not block.",
    node: 'Use dns.promises.lookup or dns.resolve.',
  },
  sure: 'certain with its stack, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const holding = holdingBy(scene, 'name');
    if (holding === undefined) return undefined;
    const { frames, share, exchanges, blocks, places, seen } = holding;
    const green = greenletsOf(scene, frames);
    const resolver = patchesOf(scene).patches.find(({ target }) => target === 'socket.getaddrinfo');
    const [leaf] = frames;
    const hub = green === undefined ? 'loop' : `${green} hub`;
    return {
      confidence: leaf === undefined ? 'likely' : 'certain',
      share,
      text: `Names are looked up (DNS) on the thread of the ${hub}${leaf === undefined ? '' : `, in ${calledOf(leaf)}`}: each look-up stops all others.`,
      because: [`${countOf(blocks)} one after another, and up to ${exchanges} requests waited meanwhile.`],
      places,
      ...(green !== undefined && { from: moduleVersion(scene, green) }),
      evidence: [...(resolver === undefined ? [] : [{ kind: 'patch', patch: resolver } as const]), seen],
      ...(green !== undefined && {
        fix:
          green === 'gevent'
            ? 'Use a resolver that does not block: GEVENT_RESOLVER=thread or ares in the environment.'
            : 'Let eventlet look names up: EVENTLET_NO_GREENDNS must not be set, and dnspython must be there.',
        reference:
          green === 'gevent'
            ? { url: 'https://github.com/gevent/gevent/pull/1088', title: 'Add a DNSpython resolver' }
            : null,
      }),
    };
  },
});
