import type { Exchange } from '../../trace/index.ts';
import { unsentBefore } from '../delays/attempts.ts';
import type { Evidence } from '../evidence.ts';
import { type Times, timesOf } from '../steps.ts';
import { AT_ONCE, NEARLY_ALL } from '../thresholds.ts';
import { type Actor, actorsOf } from './actors.ts';

/** How much less an exchange would have waited before it was sent, in microseconds. */
export type Saved = (times: Times, exchange: Exchange) => number;

/**
 * How much earlier each exchange would have been wanted, in microseconds, if those before it in its chain had waited less,
 * or not at all, to be sent: a unit of work that makes one request after the other goes on with the next one when it has
 * done what it does between two.
 */
export function earlierOf(
  evidence: Evidence,
  savedBy: Saved = ({ wanted, sent, end }) => Math.min(sent, end) - wanted,
): (exchange: Exchange) => number {
  const earlier = new Map<Exchange, number>();
  const failed = new Set(unsentBefore(evidence.exchange).values());
  for (const chain of [...actorsOf(evidence).all.values()].flatMap(chainsOf)) {
    let savedUs = 0;
    for (const { exchange, times } of chain) {
      if (savedUs > 0) earlier.set(exchange, savedUs);
      if (times.sent < Infinity || failed.has(exchange)) savedUs += savedBy(times, exchange);
    }
  }
  return (exchange) => earlier.get(exchange) ?? 0;
}

interface Link {
  readonly exchange: Exchange;
  readonly times: Times;
}

type Chain = readonly Link[];

/** What an actor does one after the other: all of it, or, of a thread that has no units and does several things at once, what follows what. */
function chainsOf({ exchanges }: Actor): readonly Chain[] {
  const all = inOrder(exchanges);
  if (!all.some(({ times: { wanted } }, index) => wanted < (all[index - 1]?.times.end ?? -Infinity)))
    return [all];
  return exchanges.some(({ unit }) => unit !== undefined) ? [] : followed(all);
}

/**
 * The chains of a loop that nobody told apart (async functions of Node): a request that begins right after an answer
 * follows it. None, unless nearly all that could do so do.
 */
function followed(all: Chain): readonly Chain[] {
  const meanUs = (all.at(-1)!.times.wanted - all[0]!.times.wanted) / all.length;
  const ended = all.toSorted((a, b) => a.times.end - b.times.end);
  const chains: Link[][] = [];
  const idle: Link[][] = [];
  const chainOf = new Map<Link, Link[]>();
  let next = 0;
  let late = 0;
  for (const link of all) {
    for (; next < ended.length && ended[next]!.times.end <= link.times.wanted; next++) {
      const before = chainOf.get(ended[next]!);
      if (before === undefined) break; // of no length, and next in the order
      idle.push(before);
    }
    const chain = idle.pop() ?? [];
    if (chain.length === 0) chains.push(chain);
    else if (link.times.wanted - chain.at(-1)!.times.end > AT_ONCE * meanUs) late++;
    chain.push(link);
    chainOf.set(link, chain);
  }
  return late <= (1 - NEARLY_ALL) * (all.length - chains.length) ? chains : [];
}

function inOrder(exchanges: readonly Exchange[]): Chain {
  return exchanges
    .flatMap((exchange) => {
      const times = timesOf(exchange);
      return times === undefined ? [] : [{ exchange, times }];
    })
    .sort((a, b) => a.times.wanted - b.times.wanted || a.times.end - b.times.end);
}
