import type { Ask, Digest, Expected, Outcome, Truth } from './case.ts';
import { digest } from './digest.ts';
import { mostMs } from './profiles.ts';

/** What is wrong with the outcomes of one request; null when nothing is. */
export type Fault =
  | { readonly kind: 'lost' | 'doubled'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string }
  /** A time limit that was not meant to pass: on a busy machine it may. */
  | { readonly kind: 'late'; readonly text: string };

/** Holds what came of a request against what may come of it. */
export function faultOf(ask: Ask, outcomes: readonly Outcome[]): Fault | null {
  const [outcome] = outcomes;
  if (outcome === undefined) return { kind: 'lost', text: 'no result' };
  if (outcomes.length > 1) return { kind: 'doubled', text: `${outcomes.length} results` };
  if (outcome.error !== null && typeof outcome.error.code !== 'string')
    return { kind: 'wrong', text: `an error without a code: ${outcome.error.text}` };
  if (outcome.error === null && outcome.status === null)
    return { kind: 'wrong', text: 'neither an answer nor an error' };
  if ((outcome.totalMs ?? 0) > mostMs(ask.profile))
    return { kind: 'late', text: `it took ${Math.round(outcome.totalMs!)} ms` };
  if (ask.truth === 'anything' || allows(ask.truth, outcome)) return null;
  const text = `${told(outcome)} instead of ${toldTruth(ask.truth)}`;
  return { kind: outcome.error?.code.startsWith('timeout') ? 'late' : 'wrong', text };
}

function allows(truth: Truth, outcome: Outcome): boolean {
  if (outcome.error !== null) return (truth.errors as readonly string[]).includes(outcome.error.code);
  return truth.answers.some((answer) => isSame(answer, outcome));
}

function isSame({ status, body, headers = {} }: Expected, outcome: Outcome): boolean {
  return (
    outcome.status === status &&
    (body === undefined || outcome.body?.sha1 === digest(body).sha1) &&
    Object.entries(headers).every(([name, value]) => outcome.headers[name] === value)
  );
}

/** An outcome in a few words. */
export function told({ status, error, body }: Outcome): string {
  if (error !== null) return `error ${error.code} (${error.text.slice(0, 300)})`;
  return `${status}, ${body === null ? 'no body' : toldBody(body)}`;
}

/** A truth in a few words. */
export function toldTruth(truth: Truth): string {
  const answers = truth.answers.map(({ status, body, headers }) => {
    const fields = headers === undefined ? '' : ` with ${JSON.stringify(headers)}`;
    return `${status}, ${body === undefined ? 'any body' : toldBody(digest(body))}${fields}`;
  });
  const errors = truth.errors.length > 0 ? [`error ${truth.errors.join(' | ')}`] : [];
  return [...answers, ...errors].join(', or ');
}

function toldBody({ length, sha1, start }: Digest): string {
  return `${length} bytes ${sha1.slice(0, 8)} ${JSON.stringify(start.slice(0, 40))}`;
}
