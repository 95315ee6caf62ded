import type { Judgement } from '../judgement.ts';
import type { Cause } from '../scene/cause.ts';
import type { Scene } from '../scene/scene.ts';
import { HELD_UP, shortNumber } from '../words.ts';

/** Less is what starting up, and a loaded machine, take: but those make nothing go one by one. */
const LEAST_LOST_US = 500_000;
const LEAST_FACTOR = 4;

/** The good answer where time was lost and no evidence says by what: it says where, and guesses nothing. */
export function unexplained(scene: Scene): Cause | undefined {
  const { judgement } = scene;
  const { overlap, step, funnel, wallUs, possibleWallUs } = judgement;
  if ((overlap !== 'serial' && overlap !== 'partly') || step === 'none') return undefined;
  if (isSmall(judgement)) return undefined;
  const levels = Object.entries(funnel).filter((level): level is [string, number] => level[1] !== null);
  return {
    id: 'unexplained',
    confidence: 'certain',
    text: `${HELD_UP[step]}; nothing in this trace says by what.`,
    share: possibleWallUs === null || wallUs === 0 ? 0 : 1 - possibleWallUs / wallUs,
    evidence: [
      `mean at each step: ${levels.map(([name, level]) => `${name} ${shortNumber(level)}`).join(', ')}`,
    ],
    remedy: null,
    reference: null,
  };
}

function isSmall({ overlap, wallUs, preparationUs, possibleWallUs, factor }: Judgement): boolean {
  if (wallUs - preparationUs - (possibleWallUs ?? 0) >= LEAST_LOST_US) return false;
  return overlap !== 'serial' || factor === null || factor < LEAST_FACTOR;
}
