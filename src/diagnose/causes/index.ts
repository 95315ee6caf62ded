/** The causes: one file each, that finds its evidence in a trace or finds nothing. */
import type { Evidence } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import type { Cause, CauseFinder } from './cause.ts';
import { unexplained } from './unexplained.ts';

export type { Cause, CauseFinder } from './cause.ts';

const FINDERS: readonly CauseFinder[] = [];

/** The causes that there is evidence for, the largest share first; `unexplained` where time was lost without any. */
export function causesOf(judgement: Judgement, evidence: Evidence): Cause[] {
  const found = FINDERS.map((find) => find(judgement, evidence)).filter((cause) => cause !== undefined);
  const none = found.length === 0 ? unexplained(judgement) : undefined;
  return none === undefined ? found.sort((a, b) => b.share - a.share) : [none];
}
