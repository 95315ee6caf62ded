import { type Exchange, HIDDEN } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { askingLine } from '../languages/frames.ts';
import { extent, fullShare, sinceLast } from '../spans.ts';
import { endUs } from '../steps.ts';
import { threadOf } from '../threads.ts';
import { AT_ONCE, MOSTLY, MOSTLY_FULL, NEARLY_ALL } from '../thresholds.ts';
import { calledUs } from './actors.ts';

/** Each slot must have been used so often: in fewer turns ends and calls may meet by chance. */
const TURNS = 3;
/** So many must have URLs of their own, and of those that were looked at so many must have been in no answer. */
const INDEPENDENT = 0.9;

/**
 * Requests of one line that go few at a time, each as another one ends, though nothing in an answer was needed to make
 * them: they were wanted when the first was, whatever holds them back. When each was wanted, in microseconds.
 */
export function steadilyHeldBack(evidence: Evidence): ReadonlyMap<Exchange, number> {
  const made = new Map(evidence.unit.map(({ id, madeUs }) => [id, madeUs]));
  const madeUs = (exchange: Exchange): number => made.get(exchange.unit ?? -1) ?? calledUs(exchange);
  const lines = new Map(evidence.stack.map((stack) => [stack.id, askingLine(stack)]));
  const served = servedUnits(evidence);
  const own = evidence.exchange.filter(
    ({ because = 'first', stack, unit }) =>
      because === 'first' && stack !== undefined && !served.has(unit ?? -1),
  );
  const held = new Map<Exchange, number>();
  for (const ofLine of Map.groupBy(own, ({ stack }) => lines.get(stack!) ?? null).values()) {
    // A producer that hands over an item whenever another one has ended holds them back as a slot does.
    for (const startUs of [calledUs, madeUs]) {
      const inOrder = withoutFirst(
        ofLine.toSorted((a, b) => startUs(a) - startUs(b)),
        startUs,
      );
      const atOnce = steadyCount(inOrder, startUs);
      if (atOnce === undefined || !areIndependent(inOrder) || isOneScript(inOrder)) continue;
      for (const exchange of inOrder.slice(atOnce)) held.set(exchange, startUs(inOrder[0]!));
    }
  }
  return held;
}

/** Without those before the others, one after another: a login, a first page. What follows was wanted after them. */
function withoutFirst(inOrder: readonly Exchange[], startUs: StartUs): readonly Exchange[] {
  const first = inOrder.findIndex(
    (exchange, at) => at + 1 < inOrder.length && startUs(inOrder[at + 1]!) < endUs(exchange),
  );
  return inOrder.slice(Math.max(0, first));
}

/** When an exchange was called, or its unit of work made. */
type StartUs = (exchange: Exchange) => number;

/** How many are under way all the time; undefined where that changes, or the next does not wait for an end. */
function steadyCount(inOrder: readonly Exchange[], startUs: StartUs): number | undefined {
  const starts = Float64Array.from(inOrder, startUs);
  const lastUs = starts.at(-1)!;
  if (lastUs === Infinity) return undefined;
  const ends = Float64Array.from(inOrder, endUs).sort();
  const spans = { starts, ends };
  const { max } = extent(spans);
  if (max < 2 || inOrder.length < TURNS * max || fullShare(spans) < MOSTLY_FULL) return undefined;
  const gapUs = (lastUs - starts[0]!) / (starts.length - 1);
  const later = starts.subarray(max);
  const following = later.filter((time) => sinceLast(ends, time) <= AT_ONCE * gapUs);
  return following.length >= NEARLY_ALL * later.length ? max : undefined;
}

/** Whether each asks for something of its own that no answer named before. */
function areIndependent(exchanges: readonly Exchange[]): boolean {
  // What the trace hides of URLs makes them look the same: an id that is called a ticket is such a thing.
  const urls = new Set(exchanges.map(({ id, url }) => (url?.includes(HIDDEN) ? id : url)));
  const known = exchanges.filter(({ from }) => from !== undefined);
  return (
    urls.size >= INDEPENDENT * exchanges.length &&
    known.length >= MOSTLY * exchanges.length &&
    known.filter(({ from }) => from!.length === 0).length >= INDEPENDENT * known.length
  );
}

/** Whether several units make the same steps, in the same order: each is a user who does one thing after another. */
function isOneScript(exchanges: readonly Exchange[]): boolean {
  const units = [...Map.groupBy(exchanges, (one) => one.unit ?? threadOf(one)).values()];
  const [first, ...others] = units.map(stepsOf);
  if (first === undefined || others.length === 0 || first.length < 2) return false;
  const same = others.filter((steps) => steps.join(' ') === first.join(' '));
  return same.length >= NEARLY_ALL * others.length;
}

/** What is different in each URL of a unit. */
function stepsOf(own: readonly Exchange[]): readonly string[] {
  const words = own.map(({ url = '' }) => url.split(/[/?&=#]/));
  const common = new Set(words[0]?.filter((word) => words.every((some) => some.includes(word))));
  return words.map((some) => some.filter((word) => !common.has(word)).join('/'));
}

/** The requests that this program serves, and what it does for them: those come when somebody asks. */
function servedUnits({ unit: units }: Evidence): ReadonlySet<number> {
  const served = new Set<number>();
  for (const { id, type, parent } of units)
    if (type === 'served-request' || served.has(parent ?? -1)) served.add(id);
  return served;
}
