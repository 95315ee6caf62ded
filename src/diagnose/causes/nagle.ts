import { msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { overlapUs, unionUs } from '../spans.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

const MOST_SHOWN = 5;

/** Requests in several small writes, which Nagle's algorithm and delayed acknowledgements delay (RFC 9293 §3.7.4). */
export const nagle = rule({
  id: 'nagle',
  step: 'sent',
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
    const blocks = scene.blocks.filter(({ wait }) => wait.call === 'nagle');
    const byConnection = Map.groupBy(
      blocks.flatMap((block) => (block.wait.connections ?? []).map((connection) => ({ block, connection }))),
      ({ connection }) => connection,
    );
    let heldUs = 0;
    let totalUs = 0;
    let held = 0;
    for (const { exchange, times, endUs } of scene.sample) {
      totalUs += endUs - times.wanted;
      const own = typeof exchange.connection === 'number' ? byConnection.get(exchange.connection) : undefined;
      const us = (own ?? []).reduce(
        (sum, { block }) => sum + overlapUs(block.fromUs, block.toUs, times.wanted, endUs),
        0,
      );
      if (us > 0) held++;
      heldUs += us;
    }
    if (held < 2 || heldUs < LEAST_BLAMED * totalUs) return undefined;
    return {
      confidence: 'likely',
      share: Math.min(1, unionUs(blocks, scene) / (scene.toUs - scene.fromUs)),
      text: `${held} requests were written in small pieces, and the kernel held the second back until the first was acknowledged.`,
      because: [
        `It took ${duration(heldUs / held)} in the mean: Nagle's algorithm against delayed acknowledgements.`,
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
