import type { Overlap, Step, Verdict } from '../diagnose/index.ts';
import { SLOWER, slowerByVerdict } from './decide.ts';
import { isRaisedBy } from './fixes/limit.ts';
import type { Plan } from './fixes/plan.ts';

/** One run of a program, and what is to be said of its requests. */
export interface Run {
  readonly verdict: Verdict;
  /** Null where it was ended: by a signal, or as it took too long. */
  readonly exitCode: number | null;
  /** From the start of the program to its end. */
  readonly tookMs: number;
}

/** What is compared of two runs. Times are those of the requests, but for `tookMs`. */
export interface Figures {
  readonly overlap: Overlap;
  readonly step: Step | 'none';
  readonly inFlight: number;
  readonly answered: number;
  readonly wallMs: number;
  readonly tookMs: number;
  readonly exitCode: number | null;
  readonly trace: string | null;
}

/**
 * `helped`: more requests are answered; or they overlap better, or wait at another step, and took at most two thirds of the
 * time; or took clearly less time run after run. `no help`: none of these. `not applied`: the change did not take effect, so
 * nothing is known of it. `no answer`: the runs can't be compared.
 */
export type Outcome = 'helped' | 'no help' | 'not applied' | 'no answer';

/** What came of a change. */
export interface Tried extends Pick<Plan, 'fix' | 'cause' | 'text' | 'load'> {
  readonly outcome: Outcome;
  /** Why there is no answer, or why it is uncertain: words for parentheses. */
  readonly why: string | null;
  readonly before: Figures;
  readonly after: Figures;
  /** Of the requests, in all runs without and with it. */
  readonly timesMs: { readonly without: readonly number[]; readonly with: readonly number[] };
  /** What the verdict of the first run called possible; null where it did not. */
  readonly predictedMs: number | null;
}

/** What is said of a change. */
export type Judged = Pick<Tried, 'outcome' | 'why'>;

/** What one run of each says of a change, or by what factor more runs have to differ. @param marks names of changes that took effect */
export function judge(plan: Plan, before: Run, after: Run, marks: readonly string[]): Judged | number {
  if (after.exitCode === null)
    return {
      outcome: 'no answer',
      why: 'the run was ended, by a signal or as it took far longer than before',
    };
  const hindrance = hindranceOf(plan, after.verdict, marks);
  if (hindrance !== null) return { outcome: 'not applied', why: hindrance };
  const difference = differenceOf(before, after);
  if (difference !== null) return { outcome: 'no answer', why: difference };
  if (after.verdict.answered > before.verdict.answered) return { outcome: 'helped', why: null };
  const overlapsBetter = slowerByVerdict(outcomeOf(before), outcomeOf(after)) === 'one';
  const ratio = before.verdict.wallMs / after.verdict.wallMs;
  if (ratio >= SLOWER) return overlapsBetter ? { outcome: 'helped', why: null } : SLOWER;
  if (!overlapsBetter) return { outcome: 'no help', why: null };
  return ratio >= WORTH_REPEATING
    ? NOTICED
    : { outcome: 'no help', why: 'requests overlap better, but take as long' };
}

/** Of requests that overlap better: from which factor on it may be more than chance, and which is enough in many runs. */
const WORTH_REPEATING = 1.1;
const NOTICED = 1.25;

function outcomeOf({ verdict, tookMs }: Run) {
  return { complete: true, seconds: tookMs / 1000, verdict };
}

/** Why a change did not take effect; null if it did. */
function hindranceOf({ changes }: Plan, after: Verdict, marks: readonly string[]): string | null {
  if (!changes.some((change) => marks.includes(markOf(change))))
    return changes.every(([name]) => name === 'variable')
      ? 'no process of the program has the variable: its command sets its own, or the probe was not loaded'
      : 'no process of the program came to the place that it changes, or the probe was not loaded';
  const still = after.causes
    .flatMap(({ evidence }) => evidence)
    .flatMap((one) => (one.kind === 'limit' && isRaisedBy(changes, one.limit) ? one.limit : []))[0];
  return still === undefined ? null : `${still.of} was ${still.size} all the same`;
}

/** What a probe notes of a change that took effect. */
function markOf(change: readonly string[]): string {
  return change.slice(0, 2).join('\t');
}

/** Why the runs can't be compared; null if they can. */
export function differenceOf(before: Run, after: Run): string | null {
  if (after.exitCode === null) return 'a run was ended';
  if (after.exitCode !== before.exitCode && after.exitCode !== 0)
    return `the program ends with ${after.exitCode} instead of ${before.exitCode}`;
  if (after.verdict.answered < before.verdict.answered)
    return `${after.verdict.answered} requests were answered instead of ${before.verdict.answered}`;
  return null;
}

export function figuresOf({ verdict, exitCode, tookMs }: Run): Figures {
  const { overlap, step, inFlight, answered, wallMs, trace } = verdict;
  return {
    overlap,
    step,
    inFlight: inFlight.mean,
    answered,
    wallMs,
    tookMs: Math.round(tookMs),
    exitCode,
    trace,
  };
}
