import { countWhile, type Exchange } from '../trace/index.ts';
import type { Evidence } from './evidence.ts';
import { askingLine } from './languages/frames.ts';
import { timesOf } from './steps.ts';

const known = new WeakMap<Evidence, ReadonlySet<Exchange>>();

/**
 * The exchanges that had to follow the one before them: their URL came out of its answer. What comes out of a list
 * that was read long before, with others of the same line between, could have been wanted together with those.
 */
export function chainedIn(evidence: Evidence): ReadonlySet<Exchange> {
  const found = known.get(evidence) ?? chained(evidence);
  known.set(evidence, found);
  return found;
}

function chained({ exchange: exchanges, stack: stacks }: Evidence): ReadonlySet<Exchange> {
  const found = new Set(exchanges.filter(({ because }) => because === 'page'));
  if (!exchanges.some(({ from }) => from !== undefined && from.length > 0)) return found;
  const lines = new Map(stacks.map((stack) => [stack.id, askingLine(stack)]));
  const ends = new Map(exchanges.map((exchange) => [exchange.id, timesOf(exchange)?.end ?? Infinity]));
  const byLine = Map.groupBy(exchanges, ({ stack, origin }) =>
    stack === undefined ? origin : (lines.get(stack) ?? origin),
  );
  for (const own of byLine.values()) {
    const between = wholeBetween(own);
    for (const exchange of own) {
      const { from = [] } = exchange;
      if (isAgain(exchange)) continue; // that a redirect follows an answer says nothing of the requests
      const sourceUs = Math.max(...from.map((id) => ends.get(id) ?? -Infinity));
      const wantedUs = timesOf(exchange)?.wanted;
      if (sourceUs > -Infinity && wantedUs !== undefined && !between(sourceUs, wantedUs)) found.add(exchange);
    }
  }
  return found;
}

/** Whether it continues a request: a retry, a redirect, or the answer to a challenge. */
export function isAgain({ because }: Exchange): boolean {
  return because === 'redirect' || because === 'retry' || because === 'challenge';
}

/** Whether any of them was both wanted and read between two moments. */
function wholeBetween(exchanges: readonly Exchange[]): (fromUs: number, toUs: number) => boolean {
  const spans = exchanges
    .flatMap((exchange) => timesOf(exchange) ?? [])
    .sort((one, other) => one.wanted - other.wanted);
  const starts = spans.map(({ wanted }) => wanted);
  // The earliest end of those from there on.
  const ends = new Float64Array(spans.length + 1).fill(Infinity);
  for (let at = spans.length - 1; at >= 0; at--) ends[at] = Math.min(spans[at]!.end, ends[at + 1]!);
  return (fromUs, toUs) => ends[countWhile(starts, (start) => start < fromUs)]! <= toUs;
}
