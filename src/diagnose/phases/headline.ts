import { costliest, type JudgedGroup, lossUs } from '../groups.ts';
import type { JudgedPhase } from './phases.ts';
import { isPhase, type Phase } from './split.ts';

/** The whole, an origin, or a phase. */
export interface Headline extends JudgedGroup {
  /** Of a phase that is a part of its line. */
  readonly within?: Phase['within'];
  /** What is left out of it: phases in the background. */
  readonly except?: readonly Phase[];
}

/** A part is the headline where it could save so much of the time of the whole ... */
const LEAST_SAVED = 0.2;
/** ... and so much more than the whole could: ties stay whole. */
const LEAST_MORE = 0.05;

/**
 * What the verdict is of: all main work of the program, unless a phase or an origin alone cost more. Of a whole of which
 * too little is known, the phase with the most requests, if that is known to be good.
 */
export function headlineOf(
  main: Headline,
  phases: readonly JudgedPhase[],
  origins: readonly JudgedGroup[],
  endedUs: number,
): Headline {
  const { wallUs, overlap } = main.judgement;
  const worthy = phases.filter(({ cells, isBackground }) => isPhase(cells) && !isBackground);
  const costs: { readonly group: Headline; readonly us: number }[] =
    phases.length < 2 ? [] : worthy.map((group) => ({ group, us: group.savesUs }));
  const ofOrigin = costliest(origins, endedUs);
  if (ofOrigin !== undefined && isPhase(ofOrigin.group.cells)) costs.push(ofOrigin);
  let headline = main;
  let mostUs = Math.max(lossUs(main.judgement) + LEAST_MORE * wallUs, LEAST_SAVED * wallUs);
  for (const { group, us } of costs) {
    if (us <= mostUs) continue;
    headline = group;
    mostUs = us;
  }
  return headline === main && overlap === 'unknown' ? (largest(worthy) ?? main) : headline;
}

/** The phase with the most requests, where there are several and that one is good: what it lost is too little to blame. */
function largest(phases: readonly JudgedPhase[]): JudgedPhase | undefined {
  if (phases.length < 2) return undefined;
  const most = phases.reduce((one, other) =>
    other.judgement.requests > one.judgement.requests ? other : one,
  );
  return most.judgement.overlap === 'concurrent' ? most : undefined;
}
