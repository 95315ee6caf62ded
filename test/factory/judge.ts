import type { CauseId, Verdict } from '../../src/diagnose/index.ts';
import { MECHANISMS } from './mechanisms.ts';
import type { Counted } from './origins.ts';
import type { Program } from './program.ts';
import type { Truth } from './truths.ts';

export const ASPECTS = ['overlap', 'step', 'cause', 'blame'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** What was right of a verdict; an aspect that the program does not decide is missing. */
export interface Judged {
  readonly right: Readonly<Partial<Record<Aspect, boolean>>>;
  /** 'serial, wanted, await-in-loop'. */
  readonly said: string;
  readonly wanted: string;
}

/** Holds a verdict against what is true of the program. */
export function judgeOf(program: Program, verdict: Verdict): Judged {
  const truth = MECHANISMS[program.mechanism]!.truth(program);
  const causes = verdict.causes.map(({ id }) => id);
  const isUnseen = verdict.overlap === 'unknown' && truth.overlap.includes('unknown');
  return {
    right: {
      overlap: truth.overlap.includes(verdict.overlap),
      step: isUnseen || truth.step.includes(verdict.step),
      cause: isCauseRight(truth, causes, verdict),
      blame: causes.every((id) => isAllowed(truth, id)),
    },
    said: `${verdict.overlap}, ${verdict.step}, ${causes.join(' + ') || 'no cause'}: ${verdict.verdict}`,
    wanted: `${truth.overlap.join('|')}, ${truth.step.join('|')}, ${wantedCause(truth)}`,
  };
}

function wantedCause({ first, beside, mayBeSilent, says }: Truth): string {
  const causes =
    first === null ? ['no cause', ...(beside ?? [])] : [...first, ...(mayBeSilent ? ['no cause'] : [])];
  return `${causes.join('|')}${says === undefined ? '' : `, saying ${says}`}`;
}

function isCauseRight(truth: Truth, causes: readonly CauseId[], verdict: Verdict): boolean {
  const isSaid = truth.says === undefined || truth.says.test(wordsOf(verdict));
  if (truth.first === null) return isSaid && causes.every((id) => isAllowed(truth, id));
  if (causes.length === 0) return isSaid && truth.mayBeSilent === true;
  return isSaid && truth.first.includes(causes[0]!);
}

/** Saying that no cause was found blames nobody. */
function isAllowed({ first, beside }: Truth, id: CauseId): boolean {
  return id === 'unexplained' ? first !== null : [...(first ?? []), ...(beside ?? [])].includes(id);
}

function wordsOf({ verdict, facts, causes }: Verdict): string {
  return [verdict, ...facts, ...causes.map(({ text }) => text)].join('\n');
}

/** Why a run was not what its mechanism makes of it, by the servers' own count; null where it was. */
export function strangeness(
  program: Program,
  { max, spanMs }: Counted,
  facts: readonly string[] = [],
): string | null {
  const { n, k } = program;
  const { limits, conduct } = MECHANISMS[program.mechanism]!;
  if (facts.some((fact) => /waited for a CPU .* most of the time/.test(fact)))
    return 'the machine was busy: the program waited for a CPU';
  if (conduct !== undefined) return null;
  if (limits && max > k) return `the servers saw ${max} at once, where the program allows ${k}`;
  if (isAtOnce(program) && max < 0.7 * n) return `the machine was busy: ${max} of ${n} at once`;
  const expectedMs = timeOf(program);
  if (expectedMs !== null && spanMs > 1.5 * expectedMs + 100)
    return `the machine was busy: ${Math.round(spanMs)} ms instead of ${Math.round(expectedMs)} ms`;
  return null;
}

function isAtOnce(program: Program): boolean {
  const { overlap, first } = MECHANISMS[program.mechanism]!.truth(program);
  return overlap[0] === 'concurrent' && first === null;
}

/** What a program takes on a machine that has nothing else to do, where that follows from the delays; else null. */
function timeOf(program: Program): number | null {
  const { mechanism, n, k, delaysMs } = program;
  const { limits, truth, serves } = MECHANISMS[mechanism]!;
  const sumMs = delaysMs.reduce((sum, ms) => sum + ms, 0);
  const longestMs = Math.max(...delaysMs);
  if (serves !== undefined || ['paced', 'blocking-call'].includes(mechanism)) return null;
  if (isAtOnce(program)) return longestMs;
  if (mechanism === 'batch') return longestMs * Math.ceil(n / k);
  if (limits) return sumMs / k + longestMs / 2;
  return truth(program).step.includes('wanted') ? sumMs + longestMs : null;
}
