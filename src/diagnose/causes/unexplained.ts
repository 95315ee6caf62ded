import type { Judgement } from '../judgement.ts';
import { HELD_UP, shortNumber } from '../words.ts';
import type { Cause } from './cause.ts';
import { unionUs } from './holding.ts';
import type { Scene } from './scene.ts';

/** Less is what starting up, and a loaded machine, take. */
const LEAST_LOST_US = 500_000;
const LEAST_FACTOR = 4;
/** The part of the lost time that CPU has to take to have taken it. */
const CPU_SHARE = 0.7;

/** The good answer where time was lost and no evidence says by what: it says where, and guesses nothing. */
export function unexplained(scene: Scene): Cause | undefined {
  const { judgement } = scene;
  const { overlap, step, funnel, wallUs, possibleWallUs } = judgement;
  if ((overlap !== 'serial' && overlap !== 'partly') || step === 'none') return undefined;
  if (isSmall(judgement) || isClientsCpu(scene)) return undefined;
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

function isSmall({ wallUs, possibleWallUs, factor }: Judgement): boolean {
  return wallUs - (possibleWallUs ?? 0) < LEAST_LOST_US && (factor === null || factor < LEAST_FACTOR);
}

/** What the requests themselves cost in CPU is explained: a faster client, or machine, would take less. */
export function isClientsCpu(scene: Scene): boolean {
  const { wallUs, possibleWallUs } = scene.judgement;
  const threads = new Set(scene.sample.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
  const busy = scene.blocks.filter(
    ({ in: call, pid, thread }) => call === 'cpu' && threads.has(`${pid}:${thread}`),
  );
  return unionUs(busy, scene) >= CPU_SHARE * (wallUs - (possibleWallUs ?? 0));
}
