import { timeAlone } from './alone.ts';
import type { Cell } from './cell.ts';
import type { Evidence } from './evidence.ts';
import { cellsOf, endOf, isWantedSeen, type State } from './fold.ts';
import { groupsOf } from './groups.ts';
import type { Facts } from './judgement.ts';
import { allFromFirst } from './levels.ts';
import { duration, shortNumber } from './numbers.ts';
import { withoutLine } from './phases/phases.ts';
import { type Phase, phasesOf } from './phases/split.ts';
import { extent, type Spans, sentSpans, surelySentSpans, sweep, wantedSpans } from './spans.ts';

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
 * wanted: of the run, or of one of its phases; and when no phase of so many independent exchanges stayed below, but for
 * what ran beside other work. Where no recorder saw what was wanted, all that were still to be read count as wanted: a
 * run that passes then passes anyway; one that does not can't be judged. Nor can one that passes by exchanges without
 * an end.
 */
export function expectation(state: State, expected: number, context: ExpectationContext = {}): Expectation {
  const cells = cellsOf(state);
  const setting = {
    expected,
    endedUs: endOf(state, context.endedUs),
    isSeen: isWantedSeen(state),
    isDeclared: context.wanted !== undefined,
  };
  const phases = context.evidence === undefined ? [] : phasesIn(cells, context.evidence, setting.endedUs);
  const whole = reached(cells, setting);
  const best = phases
    .map((phase) => reached(phase.cells, setting))
    .reduce((one, other) => (other.met === true && one.met !== true ? other : one), whole);
  const below = best.met === true ? staysBelow(phases, setting) : undefined;
  const met = below === undefined ? best.met : false;
  const outcome =
    met === true ? 'ok' : met === false ? `not met${belowOf(below)}` : `can't be judged: ${best.why}`;
  const { max, mean } = best;
  return {
    met,
    expected,
    max,
    mean,
    line: `expected ${expected}: max ${max}, mean ${shortNumber(mean)}: ${outcome}`,
  };
}

/** What is known of the run beside its exchanges. */
export interface ExpectationContext extends Facts {
  /** What phases are found by; without it there are none. */
  readonly evidence?: Evidence;
}

interface Setting {
  readonly expected: number;
  readonly endedUs: number;
  readonly isSeen: boolean;
  readonly isDeclared: boolean;
}

interface Reached {
  readonly met: boolean | null;
  readonly max: number;
  readonly mean: number;
  /** Why it can't be judged. */
  readonly why: string;
}

/** What some exchanges had in flight. */
function reached(cells: readonly Cell[], { expected, endedUs, isSeen, isDeclared }: Setting): Reached {
  const wanted = wantedSpans(cells, endedUs);
  const passesBy = (sent: Spans) => {
    const { max } = extent(sent);
    const mean =
      meanWhileWanted(isSeen ? wanted : allFromFirst(wanted), sent, expected) ?? meanOf(wanted, sent);
    return { max, mean, passes: max >= expected && mean >= MEAN_SHARE * expected };
  };
  const { max, mean, passes } = passesBy(sentSpans(cells, endedUs));
  if (cells.length === 0) return { met: null, max, mean, why: 'no request was seen' };
  if (passes && !passesBy(surelySentSpans(cells)).passes)
    return { met: null, max, mean, why: 'nobody saw when requests ended' };
  const isKnown = passes || isSeen || isDeclared || max < expected;
  const why = 'nobody saw how many were wanted at once (--wanted N says it)';
  return { met: isKnown ? passes : null, max, mean, why };
}

function phasesIn(cells: readonly Cell[], evidence: Evidence, endedUs: number): Phase[] {
  const { lines } = groupsOf(cells, evidence);
  return [...lines, ...withoutLine(cells, lines)].flatMap((group) => phasesOf(group, endedUs));
}

/** The phase of so many exchanges that could have had so many in flight, had not, and was the only one at work. */
function staysBelow(phases: readonly Phase[], setting: Setting): Phase | undefined {
  const aloneUs = timeAlone(phases, setting.endedUs);
  return phases.find(
    (phase, index) =>
      countOf(phase.cells, ({ rows }) => rows.length) >= setting.expected &&
      2 * countOf(phase.cells, ({ dependent }) => dependent) <
        countOf(phase.cells, ({ rows }) => rows.length) &&
      aloneUs[index]! > ALONE_SHARE * extent(wantedSpans(phase.cells, setting.endedUs)).busyUs &&
      reached(phase.cells, setting).met === false,
  );
}

/** Work that has others beside it for half of its time delays less than they do. */
const ALONE_SHARE = 0.5;

function countOf(cells: readonly Cell[], of: (cell: Cell) => number): number {
  return cells.reduce((sum, cell) => sum + of(cell), 0);
}

function belowOf(phase: Phase | undefined): string {
  if (phase === undefined) return '';
  const { cells, at, origin, within } = phase;
  const where = at === null ? ` with ${origin}` : ` at ${at}`;
  const when = within === null ? '' : `, from ${duration(within.fromUs)} on`;
  return ` by ${countOf(cells, ({ rows }) => rows.length)} exchanges${where}${when}`;
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
