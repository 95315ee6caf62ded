import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { type LookUp, lookUpSeen, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import type { Scene } from '../scene/scene.ts';
import { overlapUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { isHolding } from '../waits.ts';

/** Shorter ones are what look-ups take. */
const LEAST_US = 1e6;
/** A slow look-up is a weaker explanation than a queue of look-ups: it has to take more of the time. */
const LEAST_SHARE = 0.3;
const MOST_SHOWN = 5;

/** Look-ups of names that take long, and no pool, loop or loss explains it. */
export const dnsSlow = rule({
  id: 'dns-slow',
  step: 'connected',
  means: 'look-ups of names take long',
  toldFrom: 'look-ups of a second and more, and none of the causes above',
  fix: { any: 'Look at the resolver of this machine, or keep looked-up addresses and connections.' },
  sure: 'likely',
  references: [
    {
      language: 'node',
      url: 'https://github.com/nodejs/node/pull/62599',
      title: 'dns: coalesce identical concurrent lookup() requests',
    },
  ],
  yieldsTo: ['dns-blocks-loop', 'dns-loss', 'dns-threads', 'search-list'],
  find: (scene) => {
    const slow = lookUps(scene).filter((one) => one.toUs - one.fromUs - heldUs(scene, one) >= LEAST_US);
    const share = lookUpShare(scene);
    if (slow.length === 0 || share < LEAST_SHARE) return undefined;
    const longestUs = slow.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
    return {
      confidence: 'likely',
      share: lookUpWallShare(scene),
      text: `Look-ups of names (DNS) took ${Math.round(100 * share)}% of the time of the requests.`,
      because: [`${slow.length} took ${duration(LEAST_US)} and more, the longest ${duration(longestUs)}.`],
      places: [],
      evidence: slow.slice(0, MOST_SHOWN).map(lookUpSeen),
    };
  },
});

/** An answer that came while the thread was held is no slow one. */
function heldUs({ blocksOfThread }: Scene, { seen, fromUs, toUs }: LookUp): number {
  const blocks = blocksOfThread.get(threadOf(seen.exchange)) ?? [];
  return blocks
    .filter((block) => isHolding(block) && block.wait.kind !== 'name')
    .reduce((sum, block) => sum + overlapUs(block.fromUs, block.toUs, fromUs, toUs), 0);
}
