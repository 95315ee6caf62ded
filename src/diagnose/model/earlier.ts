import type { Exchange } from '../../trace/index.ts';
import { unsentBefore } from '../delays/attempts.ts';
import type { Evidence } from '../evidence.ts';
import { type Times, timesOf } from '../steps.ts';
import { actorsOf } from './actors.ts';

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
  for (const { exchanges } of actorsOf(evidence).all.values()) {
    const chain = inOrder(exchanges);
    if (chain.some(({ times: { wanted } }, index) => wanted < (chain[index - 1]?.times.end ?? -Infinity)))
      continue;
    let savedUs = 0;
    for (const { exchange, times } of chain) {
      if (savedUs > 0) earlier.set(exchange, savedUs);
      if (times.sent < Infinity || failed.has(exchange)) savedUs += savedBy(times, exchange);
    }
  }
  return (exchange) => earlier.get(exchange) ?? 0;
}

function inOrder(
  exchanges: readonly Exchange[],
): readonly { readonly exchange: Exchange; readonly times: Times }[] {
  return exchanges
    .flatMap((exchange) => {
      const times = timesOf(exchange);
      return times === undefined ? [] : [{ exchange, times }];
    })
    .sort((a, b) => a.times.wanted - b.times.wanted || a.times.end - b.times.end);
}
