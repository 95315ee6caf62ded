import { costliest, type JudgedGroup, lossUs } from '../groups.ts';
import type { JudgedPhase } from './phases.ts';
import { isPhase } from './split.ts';

/** The whole, an origin, or a phase. */
export type Headline = JudgedGroup & Partial<Pick<JudgedPhase, 'within'>>;

/** A part is the headline where it could save so much of the time of the whole ... */
const LEAST_SAVED = 0.2;
/** ... and so much more than the whole could: ties stay whole. */
const LEAST_MORE = 0.05;
/** What runs beside other work is what the program waits for only where it goes on so long without it. */
const LEAST_SAVED_BESIDE = 0.5;

/**
 * What the verdict is of: the whole program, unless a phase or an origin alone cost more. Work beside others, as of a
 * thread that posts log records, is not. Of a whole of which too little is known, the phase with the most requests.
 */
export function headlineOf(
  whole: JudgedGroup,
  phases: readonly JudgedPhase[],
  origins: readonly JudgedGroup[],
  endedUs: number,
): Headline {
  const { wallUs, overlap } = whole.judgement;
  const worthy = phases.filter(({ cells }) => isPhase(cells));
  const candidates = worthy.length > 0 ? worthy : phases;
  const costs = [
    ...(phases.length < 2 ? [] : candidates).map((phase) => ({ group: phase, us: phase.savesUs, phase })),
    ...[costliest(origins, endedUs)].flatMap((cost) =>
      cost === undefined ? [] : [{ ...cost, phase: null }],
    ),
  ];
  let headline: Headline = whole;
  let mostUs = lossUs(whole.judgement) + LEAST_MORE * wallUs;
  for (const { group, us, phase } of costs) {
    if (us <= mostUs || us < (phase?.isBeside ? LEAST_SAVED_BESIDE : LEAST_SAVED) * wallUs) continue;
    headline = group;
    mostUs = us;
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
