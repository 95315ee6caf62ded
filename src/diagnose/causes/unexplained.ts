import type { Judgement } from '../judgement.ts';
import { rule } from '../rule.ts';
import { MOSTLY } from '../thresholds.ts';
import { HELD_UP } from '../words.ts';

/** Less is what starting up, and a loaded machine, take: but those make nothing go one by one. */
const LEAST_LOST_US = 500_000;
const LEAST_FACTOR = 4;

/** The good answer where time was lost and no evidence says by what: it says where, and guesses nothing. */
export const unexplained = rule({
  id: 'unexplained',
  step: 'none',
  means: 'time was lost at this step, and nothing in the trace says by what',
  toldFrom: 'the levels',
  fix: null,
  sure: 'certain',
  references: [],
  yieldsTo: [],
  find: ({ judgement }) => {
    const { overlap, step, funnel } = judgement;
    if ((overlap !== 'serial' && overlap !== 'partly') || step === 'none') return undefined;
    if (isSmall(judgement) || isOfFailures(judgement)) return undefined;
    const levels = Object.entries(funnel).filter((level): level is [string, number] => level[1] !== null);
    return {
      confidence: 'certain',
      share: lostShareOf(judgement),
      text: `${HELD_UP[step]}; nothing in this trace says by what.`,
      places: [],
      evidence: [
        {
          kind: 'levels',
          levels: Object.fromEntries(levels.map(([name, level]) => [name, Math.round(10 * level) / 10])),
        },
      ],
    };
  },
});

/** The sentence begins with the failures, and attempts that were never sent are what opening a connection took. */
function isOfFailures({ step, neverSent, exchanges }: Judgement): boolean {
  return step === 'connected' && neverSent >= MOSTLY * exchanges;
}

function lostShareOf({ possibleWallUs, wallUs }: Judgement): number {
  return possibleWallUs === null || wallUs === 0 ? 0 : 1 - possibleWallUs / wallUs;
}

function isSmall({ overlap, wallUs, preparationUs, possibleWallUs, factor }: Judgement): boolean {
  if (wallUs - preparationUs - (possibleWallUs ?? 0) >= LEAST_LOST_US) return false;
  return overlap !== 'serial' || factor === null || factor < LEAST_FACTOR;
}
