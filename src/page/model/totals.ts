import { SEGMENT_KINDS, type SegmentKind, type Segments } from './segments.ts';

/** How long exchanges waited for one thing, together. */
export interface Total {
  readonly kind: SegmentKind;
  readonly us: number;
  /** Its part of the time of all of them, 0 to 1. */
  readonly part: number;
}

/** What exchanges waited for, in the order of SEGMENT_KINDS, without what took no time. */
export function totalsOf(
  exchanges: Int32Array,
  { offsets, fromUs, kinds, endUs }: Segments,
): readonly Total[] {
  const sums = new Float64Array(SEGMENT_KINDS.length);
  for (const exchange of exchanges) {
    const after = offsets[exchange + 1]!;
    for (let at = offsets[exchange]!; at < after; at++)
      sums[kinds[at]!]! += (at + 1 < after ? fromUs[at + 1]! : endUs[exchange]!) - fromUs[at]!;
  }
  const all = sums.reduce((sum, us) => sum + us, 0);
  return SEGMENT_KINDS.map((kind, index) => ({ kind, us: sums[index]!, part: sums[index]! / all })).filter(
    ({ us }) => us > 0,
  );
}
