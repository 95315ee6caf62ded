import { cellsOf, endOf, isWantedSeen, type State } from './fold.ts';
import type { Facts } from './judgement.ts';
import { allFromFirst } from './levels.ts';
import { shortNumber } from './numbers.ts';
import { extent, type Spans, sentSpans, sweep, wantedSpans } from './spans.ts';

/** How much of what was expected must be in flight in the mean, while that much was wanted. */
const MEAN_SHARE = 0.8;

/** Whether a run was as concurrent as somebody expects (`--expect N`). */
export interface Expectation {
  /** null: it can't be judged, and never passes. */
  readonly met: boolean | null;
  readonly expected: number;
  readonly max: number;
  /** In flight, while as many as expected were wanted. */
  readonly mean: number;
  /** 'expected 50: max 50, mean 46.2: ok' */
  readonly line: string;
}

/**
 * Met when as many as expected were in flight at some moment, and 0.8 of them in the mean while so many were
 * wanted. Where nobody saw what was wanted, all that were still to be read count as wanted: who passes then passes
 * anyway; who does not can't be judged.
 */
export function expectation(state: State, expected: number, facts: Facts = {}): Expectation {
  const cells = cellsOf(state);
  const endedUs = endOf(state, facts.endedUs);
  const wanted = wantedSpans(cells, endedUs);
  const sent = sentSpans(cells, endedUs);
  const isSeen = isWantedSeen(state);
  const { max } = extent(sent);
  const mean =
    meanWhileWanted(isSeen ? wanted : allFromFirst(wanted), sent, expected) ?? meanOf(wanted, sent);
  const passes = max >= expected && mean >= MEAN_SHARE * expected;
  const isKnown = cells.length > 0 && (passes || isSeen || facts.wanted !== undefined || max < expected);
  const met = isKnown ? passes : null;
  const outcome = met === null ? `can't be judged: ${whyNot(cells.length)}` : met ? 'ok' : 'not met';
  return {
    met,
    expected,
    max,
    mean,
    line: `expected ${expected}: max ${max}, mean ${shortNumber(mean)}: ${outcome}`,
  };
}

function whyNot(cells: number): string {
  return cells === 0 ? 'no request was seen' : 'nobody saw how many were wanted at once (--wanted N says it)';
}

/** Mean of `sent` over the time in which `wanted` has at least `least`; undefined where it never has. */
function meanWhileWanted(wanted: Spans, sent: Spans, least: number): number | undefined {
  const stretches: { readonly from: number; readonly to: number }[] = [];
  let busyUs = 0;
  sweep(wanted, (from, to, level) => {
    if (level < least) return;
    busyUs += to - from;
    stretches.push({ from, to });
  });
  return busyUs === 0 ? undefined : sumWithin(sent, stretches) / busyUs;
}

/** The sum of span time that lies within the stretches. Both go through time once. */
function sumWithin(
  spans: Spans,
  stretches: readonly { readonly from: number; readonly to: number }[],
): number {
  let sumUs = 0;
  let at = 0;
  sweep(spans, (from, to, level) => {
    while (at < stretches.length && stretches[at]!.to <= from) at++;
    for (let next = at; next < stretches.length && stretches[next]!.from < to; next++) {
      sumUs += level * (Math.min(to, stretches[next]!.to) - Math.max(from, stretches[next]!.from));
    }
  });
  return sumUs;
}

function meanOf(wanted: Spans, sent: Spans): number {
  const { busyUs } = extent(wanted);
  return busyUs === 0 ? 0 : extent(sent).sumUs / busyUs;
}
