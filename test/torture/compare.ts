import type { Case, Opinion, Outcome, Peer } from './case.ts';
import { told } from './judge.ts';
import { type Known, knownOf } from './known.ts';

/** How abreast's result of a request differs from another client's. */
export interface Disagreement {
  readonly case: Case;
  readonly ask: number;
  readonly peer: Peer;
  /** What abreast does and the other does not. */
  readonly way: Known['way'];
  readonly text: string;
  /** Why that is right; null when nobody has said so yet. */
  readonly known: Known | null;
}

/** Holds a result of abreast against another client's; null when they agree. */
export function compare(
  one: Case,
  ask: number,
  ours: Outcome,
  peer: Peer,
  theirs: Opinion,
): Disagreement | null {
  const way = wayOf(ours, theirs);
  if (way === null) return null;
  const text = `abreast: ${told(ours)}; ${peer}: ${theirs.error ?? `${theirs.status}, ${theirs.sha1?.slice(0, 8)}`}`;
  return { case: one, ask, peer, way, text, known: knownOf(one.marks, peer, way) };
}

function wayOf(ours: Outcome, theirs: Opinion): Known['way'] | null {
  if (ours.error !== null) return theirs.error === null ? 'refuses' : null;
  if (theirs.error !== null) return 'accepts';
  return ours.status === theirs.status && ours.body?.sha1 === theirs.sha1 ? null : 'differs';
}
