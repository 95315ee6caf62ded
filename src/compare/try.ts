import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Overlap, Step, Verdict } from '../diagnose/index.ts';
import { fixVariables } from '../watch/index.ts';
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
 * `helped`: more requests are answered, or they overlap better, or took at most two thirds of the time. `no help`: neither.
 * `not applied`: the change did not take effect, so nothing is known of it. `no answer`: the runs can't be compared.
 */
export type Outcome = 'helped' | 'no help' | 'not applied' | 'no answer';

/** What came of a change. */
export interface Tried extends Pick<Plan, 'fix' | 'cause' | 'text' | 'load'> {
  readonly outcome: Outcome;
  /** Why there is no answer, or what is weak about it, as words within parentheses. */
  readonly why: string | null;
  readonly before: Figures;
  readonly after: Figures;
  /** What the verdict of the first run called possible; null where it did not. */
  readonly predictedMs: number | null;
}

/**
 * Runs the program once more with a change.
 * @param kept changes that are made as well, as they were in the run before
 * @param run runs it in this environment
 */
export async function tryFix(
  plan: Plan,
  before: Run,
  kept: readonly Plan[],
  run: (environment: NodeJS.ProcessEnv) => Promise<Run>,
): Promise<{ readonly tried: Tried; readonly after: Run }> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-try-'));
  try {
    const marks = join(folder, 'applied');
    const all = [...kept, plan];
    const variables = Object.assign({}, ...all.map((each) => each.variables));
    const changes = all.flatMap((each) => each.changes);
    const after = await run({ ...process.env, ...variables, ...fixVariables(changes, marks) });
    const noted = existsSync(marks) ? readFileSync(marks, 'utf8').split('\n') : [];
    return { tried: triedOf(plan, before, after, noted), after };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares the runs without and with a change. @param marks names of changes that took effect */
export function triedOf(plan: Plan, before: Run, after: Run, marks: readonly string[]): Tried {
  const { fix, cause, text, load } = plan;
  return {
    fix,
    cause,
    text,
    load,
    ...comparison(plan, before, after, marks),
    before: figuresOf(before),
    after: figuresOf(after),
    predictedMs: before.verdict.possibleWallMs,
  };
}

function comparison(
  plan: Plan,
  before: Run,
  after: Run,
  marks: readonly string[],
): Pick<Tried, 'outcome' | 'why'> {
  if (after.exitCode === null)
    return {
      outcome: 'no answer',
      why: 'the run was ended, by a signal or as it took far longer than before',
    };
  const hindrance = hindranceOf(plan, after.verdict, marks);
  if (hindrance !== null) return { outcome: 'not applied', why: hindrance };
  const difference = differenceOf(before, after);
  if (difference !== null) return { outcome: 'no answer', why: difference };
  if (overlapsBetter(before.verdict, after.verdict)) return { outcome: 'helped', why: null };
  return before.verdict.wallMs >= FASTER * after.verdict.wallMs
    ? { outcome: 'helped', why: 'as the time alone says, of one run each' }
    : { outcome: 'no help', why: null };
}

/** Why a change did not take effect; null if it did. */
function hindranceOf({ changes }: Plan, after: Verdict, marks: readonly string[]): string | null {
  if (!changes.some((change) => marks.includes(markOf(change))))
    return 'no process of the program came to the place that it changes, or the probe was not loaded';
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
function differenceOf(before: Run, after: Run): string | null {
  if (after.exitCode !== before.exitCode && after.exitCode !== 0)
    return `the program ends with ${after.exitCode} instead of ${before.exitCode}`;
  if (after.verdict.answered < before.verdict.answered)
    return `${after.verdict.answered} requests were answered instead of ${before.verdict.answered}`;
  return null;
}

const RANK: Readonly<Record<Overlap, number>> = { unknown: -1, serial: 0, partly: 1, concurrent: 2 };
/** So many times shorter is better, where requests overlap as they did. */
const FASTER = 1.5;

function overlapsBetter(before: Verdict, after: Verdict): boolean {
  return after.answered > before.answered || RANK[after.overlap] > RANK[before.overlap];
}

function figuresOf({ verdict, exitCode, tookMs }: Run): Figures {
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
