import type { Connection, Exchange } from '../../trace/index.ts';

/**
 * Requests that share a connection (HTTP/2) wait together for its opening, some in their library's pool: a wait that
 * is mostly for the opening is none for a stream.
 */
export function withOpenings(
  exchanges: readonly Exchange[],
  connections: readonly Connection[],
): readonly Exchange[] {
  const shared = new Map(
    connections.filter(({ protocol }) => protocol === 'h2').map((connection) => [connection.id, connection]),
  );
  if (shared.size === 0) return exchanges;
  return exchanges.map((exchange) => {
    const connection = shared.get(exchange.connection ?? -1);
    return connection === undefined ? exchange : withOpening(exchange, connection);
  });
}

function withOpening(exchange: Exchange, { tlsDoneUs, connectedUs }: Connection): Exchange {
  const { dispatchedUs } = exchange;
  const calledUs = exchange.calledUs ?? exchange.askedUs;
  const readyUs = tlsDoneUs ?? connectedUs;
  if (typeof dispatchedUs !== 'number' || typeof calledUs !== 'number' || typeof readyUs !== 'number')
    return exchange;
  const openingUs = readyUs - calledUs;
  if (openingUs <= 0 || dispatchedUs - readyUs >= openingUs) return exchange;
  return {
    ...exchange,
    dispatchedUs: calledUs,
    connectedUs: Math.max(exchange.connectedUs ?? 0, dispatchedUs, readyUs),
  };
}
