import type { Cause } from '../scene/cause.ts';
import { hostOf, type LookUp, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import { overlapUs, type Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';
import { isHolding } from '../waits.ts';
import { dnsBlocksLoop } from './dns-blocks-loop.ts';
import { dnsLoss } from './dns-loss.ts';
import { dnsThreads } from './dns-threads.ts';

/** Look-ups shorter than this are what look-ups take. */
const LEAST_US = 1e6;

/** Look-ups of names that take long, and no pool, loop or loss explains it. */
export function dnsSlow(scene: Scene): Cause | undefined {
  const slow = lookUps(scene).filter((one) => one.toUs - one.fromUs - heldUs(scene, one) >= LEAST_US);
  const share = lookUpShare(scene);
  if (slow.length === 0 || share < 0.3) return undefined;
  if ([dnsBlocksLoop, dnsLoss, dnsThreads].some((find) => find(scene) !== undefined)) return undefined;
  const longest = slow.reduce((most, one) => (one.toUs - one.fromUs > most.toUs - most.fromUs ? one : most));
  return {
    id: 'dns-slow',
    confidence: 'likely',
    text: `Look-ups of names (DNS) took ${Math.round(100 * share)}% of the time of the requests: ${slow.length} of ${seconds(LEAST_US)} and more, the longest ${seconds(longest.toUs - longest.fromUs)}.`,
    share: lookUpWallShare(scene),
    evidence: slow
      .slice(0, 5)
      .map(
        ({ connection, fromUs, toUs }) =>
          `connection ${connection.id}: ${hostOf(connection.origin)} looked up in ${seconds(toUs - fromUs)}`,
      ),
    remedy: 'Look at the resolver of this machine, or keep looked-up addresses and connections.',
    reference: 'nodejs/node#62599',
  };
}

/** An answer that came while the thread was held is no slow one. */
function heldUs({ blocksOfThread }: Scene, { seen, fromUs, toUs }: LookUp): number {
  const { pid, thread } = seen.exchange;
  const blocks = blocksOfThread.get(`${pid}:${thread}`) ?? [];
  return blocks
    .filter((block) => isHolding(block) && block.wait.kind !== 'name')
    .reduce((sum, block) => sum + overlapUs(block.fromUs, block.toUs, fromUs, toUs), 0);
}
