import type { TimeColumns } from './times.ts';

/** A stretch of time in which no request was wanted, between others in which some were. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A gap is worth folding if it lasts this part of the time in which requests were wanted. */
const LEAST_PART = 1 / 50;

/** The gaps of a run that are worth folding, in order. */
export function gapsOf({ wanted, end, isTimed }: TimeColumns): readonly Gap[] {
  const inOrder = Array.from(wanted.keys())
    .filter((at) => isTimed[at] === 1)
    .sort((a, b) => wanted[a]! - wanted[b]!);
  const gaps: Gap[] = [];
  let until = Infinity;
  for (const at of inOrder) {
    if (wanted[at]! > until) gaps.push({ fromUs: until, toUs: wanted[at]! });
    until = until === Infinity ? end[at]! : Math.max(until, end[at]!);
  }
  const idleUs = gaps.reduce((sum, gap) => sum + gap.toUs - gap.fromUs, 0);
  const busyUs = inOrder.length === 0 ? 0 : until - wanted[inOrder[0]!]! - idleUs;
  return gaps.filter((gap) => gap.toUs - gap.fromUs >= LEAST_PART * busyUs);
}
