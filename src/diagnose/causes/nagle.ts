import { heldWritesOf } from '../delays/held-writes.ts';
import { msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { unionUs } from '../spans.ts';

const MOST_SHOWN = 5;

/** Requests in several small writes, which Nagle's algorithm and delayed acknowledgements delay (RFC 9293 §3.7.4). */
export const nagle = rule({
  id: 'nagle',
  step: 'answered',
  means: 'requests in small writes, held back until the first is acknowledged',
  toldFrom: 'writes that lay in the kernel (RFC 9293 §3.7.4)',
  fix: {
    any: 'Set TCP_NODELAY on the sockets, or write the request in one piece.',
    node: 'Call `socket.setNoDelay()`, or write the request in one piece.',
  },
  sure: 'likely',
  references: [
    {
      url: 'https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4',
      title: 'RFC 9293, 3.7.4: Nagle Algorithm',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const found = heldWritesOf(
      scene.sample.map(({ exchange }) => exchange),
      scene.blocks,
    );
    if (found === undefined) return undefined;
    const { requests, heldUs, blocks } = found;
    return {
      confidence: 'likely',
      share: Math.min(1, unionUs(blocks, scene) / (scene.toUs - scene.fromUs)),
      text: `${requests} requests were written in small pieces, and the kernel held the second back until the first was acknowledged.`,
      because: [
        `It took ${duration(heldUs / requests)} in the mean: Nagle's algorithm against delayed acknowledgements.`,
      ],
      places: [],
      evidence: blocks.slice(0, MOST_SHOWN).map(({ fromUs, toUs, wait }) => ({
        kind: 'held-write',
        connections: wait.connections ?? [],
        ms: msOf(toUs - fromUs),
      })),
    };
  },
});
