import type { Connection, Exchange } from '../../trace/index.ts';

/**
 * Requests that share a connection (HTTP/2) wait together for its opening, some in their library's pool: a wait that
 * is mostly for the opening is none for a stream.
 */
export function withOpenings(
  exchanges: readonly Exchange[],
  connections: readonly Connection[],
): readonly Exchange[] {
  const shared = new Set(connections.filter(({ protocol }) => protocol === 'h2').map(({ id }) => id));
  if (shared.size === 0) return exchanges;
  const opened = new Map<number, number>();
  for (const { connection, sentUs } of exchanges) {
    if (typeof connection !== 'number' || typeof sentUs !== 'number' || !shared.has(connection)) continue;
    opened.set(connection, Math.min(opened.get(connection) ?? Infinity, sentUs));
  }
  return exchanges.map((exchange) => {
    const openedUs = opened.get(exchange.connection ?? -1);
    return openedUs === undefined ? exchange : withOpening(exchange, openedUs);
  });
}

/** @param openedUs when the first request was sent on its connection */
function withOpening(exchange: Exchange, openedUs: number): Exchange {
  const { dispatchedUs, connectedUs } = exchange;
  const calledUs = exchange.calledUs ?? exchange.wantedUs;
  if (typeof dispatchedUs !== 'number' || typeof calledUs !== 'number') return exchange;
  const openingUs = openedUs - calledUs;
  if (openingUs <= 0 || dispatchedUs - openedUs >= openingUs) return exchange;
  return { ...exchange, dispatchedUs: calledUs, connectedUs: Math.max(connectedUs ?? 0, dispatchedUs) };
}
