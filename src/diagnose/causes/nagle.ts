import type { Cause } from '../scene/cause.ts';
import { unionUs } from '../scene/holding.ts';
import { overlapUs, type Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** Requests in several small writes, which Nagle's algorithm and delayed acknowledgements hold up (RFC 9293 §3.7.4). */
export function nagle(scene: Scene): Cause | undefined {
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
  if (held < 2 || heldUs < 0.2 * totalUs) return undefined;
  return {
    id: 'nagle',
    confidence: 'likely',
    text: `${held} requests were written in small pieces, and the kernel held the second back until the first was acknowledged, ${seconds(heldUs / held)} in the mean: Nagle's algorithm against delayed acknowledgements.`,
    share: Math.min(1, unionUs(blocks, scene) / (scene.toUs - scene.fromUs)),
    evidence: blocks
      .slice(0, 5)
      .map(
        ({ fromUs, toUs, wait }) =>
          `connection ${wait.connections?.join(', ')}: a second write lay ${seconds(toUs - fromUs)}`,
      ),
    remedy: 'Set TCP_NODELAY on the sockets (setNoDelay), or write the request in one piece.',
    reference: 'RFC 9293 §3.7.4',
  };
}
