import type { Cell } from '../cell.ts';
import { sweep, wantedSpans } from '../spans.ts';

/** A stretch of the run in which no request was wanted. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly where: 'before' | 'between' | 'after';
}

/** The time of a run without requests, in order. */
export function gapsOf(cells: readonly Cell[], fromUs: number, toUs: number): readonly Gap[] {
  const wanted = wantedSpans(cells, toUs);
  if (wanted.starts.length === 0) return [];
  const gaps: Gap[] = [];
  const add = (from: number, to: number, where: Gap['where']): void => {
    if (to > from) gaps.push({ fromUs: from, toUs: to, where });
  };
  add(fromUs, wanted.starts[0]!, 'before');
  sweep(wanted, (from, to, level) => {
    if (level === 0) add(from, Math.min(to, toUs), 'between');
  });
  add(wanted.ends.at(-1)!, toUs, 'after');
  return gaps;
}

/** How long they are, in all. */
export function lengthOf(gaps: readonly Gap[], where?: Gap['where']): number {
  return gaps.reduce(
    (sum, gap) => (where === undefined || gap.where === where ? sum + gap.toUs - gap.fromUs : sum),
    0,
  );
}
