import type { Holder } from '../model/holder.ts';
import { type Segment, segmentsAt } from '../model/segments.ts';
import { bars, course, laidOut, order, pick, pickedSegment, top, whole } from './laid-out.ts';
import { selected, visible } from './state.ts';
import { scalesOf } from './waterfall-scales.ts';

/** What selects an exchange or a segment by keys. */

/** Selects the exchange that is so many rows further down, and shows it. */
export function pickRow(area: HTMLElement, step: number): void {
  const drawn = bars.peek()!;
  const { rows } = scalesOf(area);
  const current = selected.peek() === null ? -1 : drawn.rows.rowOf[selected.peek()!]!;
  const row = Math.max(0, Math.min(drawn.rows.count - 1, current < 0 ? rows.first : current + step));
  const exchange = drawn.rows.items[drawn.rows.offsets[row]!];
  if (exchange === undefined) return;
  const own = segmentsAt(course.peek()!.segments, exchange);
  pickAndShow(area, exchange, longestOf(own.filter(isBlocked)) ?? longestOf(own));
}

/** The segment before or after the picked one. */
export function pickNeighbour(area: HTMLElement, step: number): void {
  const at = selected.peek();
  const drawn = course.peek();
  if (at === null || drawn === null) return;
  const own = segmentsAt(drawn.segments, at);
  const now = pickedSegment.peek();
  const place = now === null ? -step : own.findIndex(({ fromUs }) => fromUs === now.fromUs);
  pickAndShow(area, at, own[Math.max(0, Math.min(own.length - 1, place + step))]);
}

/** The longest blocked segment of the next exchange that has any. */
export function pickNextBlocked(area: HTMLElement): void {
  const drawn = course.peek();
  if (drawn === null) return;
  const shown = order.peek();
  const place = selected.peek() === null ? -1 : shown.indexOf(selected.peek()!);
  for (let step = 1; step <= shown.length; step++) {
    const exchange = shown[(place + step) % shown.length]!;
    const blocked = longestOf(segmentsAt(drawn.segments, exchange).filter(isBlocked));
    if (blocked === undefined) continue;
    pickAndShow(area, exchange, blocked);
    return;
  }
}

/** Less is what sending costs. */
const LEAST_BLOCKED_US = 10_000;

function isBlocked({ kind, fromUs, toUs }: Segment): boolean {
  return kind === 'blocked' && toUs - fromUs >= LEAST_BLOCKED_US;
}

function longestOf(segments: readonly Segment[]): Segment | undefined {
  return segments.toSorted((a, b) => b.toUs - b.fromUs - (a.toUs - a.fromUs))[0];
}

/** Selects a segment, and moves rows and time so that it is visible. */
function pickAndShow(area: HTMLElement, exchange: number, segment: Segment | undefined): void {
  const us = segment === undefined ? null : momentOf(exchange, segment);
  pick(exchange, us);
  const { rows, time } = scalesOf(area);
  const row = bars.peek()!.rows.rowOf[exchange]!;
  if (row >= 0) top.value = rows.showing(row).top;
  const { fromUs, toUs } = visible.peek();
  if (us !== null && (us < fromUs || us > toUs))
    visible.value = time.panned(time.x(us) - time.width / 2, whole.value);
}

/** The moment of a segment that tells most: within the longest time in which its thread was held. */
export function momentOf(exchange: number, { kind, fromUs, toUs }: Segment): number {
  if (kind !== 'blocked') return fromUs;
  const within = (holder: Holder) => Math.min(holder.toUs, toUs) - Math.max(holder.fromUs, fromUs);
  const holders = laidOut.peek()!.holdersIn(exchange, fromUs, toUs);
  const [longest] = holders.toSorted((a, b) => within(b) - within(a));
  return longest === undefined ? fromUs : Math.max(fromUs, longest.fromUs) + within(longest) / 2;
}
