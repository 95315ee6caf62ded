import type { Exchange } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { endUs } from '../steps.ts';

/**
 * An attempt that was never sent is a part of the opening of its request's connection: no address answered, or no local
 * port was free. The next attempt waits to be connected from the end of that one on, and so does a pause between them.
 */
export function settleAttempts({ exchange: exchanges }: Evidence): void {
  const before = unsentBefore(exchanges);
  exchanges.forEach((exchange, at) => {
    const failed = before.get(exchange);
    if (failed === undefined) return;
    const fromUs = endUs(failed);
    if (fromUs < Infinity && fromUs < (exchange.dispatchedUs ?? exchange.calledUs ?? -Infinity))
      exchanges[at] = { ...exchange, wantedUs: fromUs, calledUs: fromUs, dispatchedUs: fromUs };
  });
}

/** Of requests that were sent in the end: each attempt with the one before it, where that was never sent. */
export function unsentBefore(exchanges: readonly Exchange[]): ReadonlyMap<Exchange, Exchange> {
  const again = new Set(exchanges.flatMap(({ because, request }) => (because === 'retry' ? request : [])));
  const attempts = exchanges.filter(({ request }) => request !== undefined && again.has(request));
  const before = new Map<Exchange, Exchange>();
  for (const own of Map.groupBy(attempts, ({ request }) => request).values()) {
    if (!own.some(({ sentUs }) => typeof sentUs === 'number')) continue;
    const inOrder = own.toSorted((one, other) => endUs(one) - endUs(other));
    inOrder.forEach((exchange, at) => {
      const last = inOrder[at - 1];
      if (exchange.because === 'retry' && last?.sentUs === null) before.set(exchange, last);
    });
  }
  return before;
}
