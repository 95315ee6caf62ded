import { costliest, type JudgedGroup, lossUs } from '../groups.ts';
import type { JudgedPhase } from './phases.ts';
import { isPhase } from './split.ts';

/** The whole, an origin, or a phase. */
export type Headline = JudgedGroup & Partial<Pick<JudgedPhase, 'within'>>;

/** A part is the headline where it could save so much of the time of the whole ... */
const LEAST_SAVED = 0.2;
/** ... and so much more than the whole could: ties stay whole. */
const LEAST_MORE = 0.05;

/**
 * What the verdict is of: the whole program, unless a phase or an origin alone cost more. Of a whole of which too
 * little is known, the phase with the most requests.
 */
export function headlineOf(
  whole: JudgedGroup,
  phases: readonly JudgedPhase[],
  origins: readonly JudgedGroup[],
  endedUs: number,
): Headline {
  const { wallUs, overlap } = whole.judgement;
  const worthy = phases.filter(({ cells }) => isPhase(cells));
  let headline: Headline = whole;
  let mostUs = Math.max(lossUs(whole.judgement) + LEAST_MORE * wallUs, LEAST_SAVED * wallUs);
  for (const cost of [
    costliest(phases, endedUs, worthy.length > 0 ? worthy : phases),
    costliest(origins, endedUs),
  ]) {
    if (cost === undefined || cost.us < mostUs) continue;
    headline = cost.group;
    mostUs = cost.us;
  }
  return headline === whole && overlap === 'unknown' ? (largest(worthy) ?? whole) : headline;
}

/** The phase with the most requests, where several are known and that one can be judged. */
function largest(phases: readonly JudgedPhase[]): JudgedPhase | undefined {
  if (phases.length < 2) return undefined;
  const most = phases.reduce((one, other) =>
    other.judgement.requests > one.judgement.requests ? other : one,
  );
  return most.judgement.overlap === 'unknown' ? undefined : most;
}
