import type { Exchange } from '../../trace/index.ts';
import { unsentBefore } from '../delays/attempts.ts';
import type { Evidence } from '../evidence.ts';
import { type Lifted, UNSENT } from '../replay.ts';
import { type Times, timesOf } from '../steps.ts';
import { actorsOf } from './actors.ts';

/**
 * How much earlier each exchange would have been wanted, in microseconds, if none before it in its chain had waited for
 * the steps that are lifted: a unit of work that makes one request after the other goes on with the next one when it has
 * done what it does between two.
 */
export function earlierOf(
  evidence: Evidence,
  lifted: readonly Lifted[] = UNSENT,
): (exchange: Exchange) => number {
  const earlier = new Map<Exchange, number>();
  const savedOf = ({ wanted, dispatched, connected, sent }: Times): number =>
    (lifted.includes('dispatched') ? dispatched - wanted : 0) +
    (lifted.includes('connected') ? connected - dispatched : 0) +
    (lifted.includes('sent') ? sent - connected : 0);
  const failed = new Set(unsentBefore(evidence.exchange).values());
  for (const { exchanges } of actorsOf(evidence).all.values()) {
    const chain = inOrder(exchanges);
    if (chain.some(({ times: { wanted } }, index) => wanted < (chain[index - 1]?.times.end ?? -Infinity)))
      continue;
    let savedUs = 0;
    for (const { exchange, times } of chain) {
      if (savedUs > 0) earlier.set(exchange, savedUs);
      if (times.sent < Infinity) savedUs += savedOf(times);
      else if (failed.has(exchange) && lifted.includes('connected')) savedUs += times.end - times.wanted;
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
