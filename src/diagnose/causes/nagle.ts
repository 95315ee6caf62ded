import { msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import type { Scene } from '../scene/scene.ts';
import { overlapUs, unionUs } from '../spans.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

const MOST_SHOWN = 5;
/** The shortest delay of an acknowledgement in Linux is 40 ms. */
const DELAYED_ACK_US = 38_000;

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
    const soonest = soonestOf(scene);
    let heldUs = 0;
    let totalUs = 0;
    let held = 0;
    for (const { exchange, times, endUs } of scene.sample) {
      if (times.answered === Infinity) continue;
      totalUs += endUs - times.sent;
      const own = typeof exchange.connection === 'number' ? byConnection.get(exchange.connection) : undefined;
      const us = (own ?? []).reduce(
        (sum, { block }) => sum + overlapUs(block.fromUs, block.toUs, times.sent, endUs),
        0,
      );
      // What the quickest of its server takes is no wait for an acknowledgement.
      const longerUs = Math.min(us, times.answered - times.sent - soonest.get(exchange.origin)!);
      if (longerUs < DELAYED_ACK_US) continue;
      held++;
      heldUs += longerUs;
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

/** The shortest time from sent to answered, by origin: the first request of a connection is acknowledged at once. */
function soonestOf({ exchanges }: Scene): ReadonlyMap<string, number> {
  const soonest = new Map<string, number>();
  for (const { exchange, times } of exchanges)
    if (times.answered < Infinity)
      soonest.set(
        exchange.origin,
        Math.min(times.answered - times.sent, soonest.get(exchange.origin) ?? Infinity),
      );
  return soonest;
}
