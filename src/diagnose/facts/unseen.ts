import type { Connection } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';

type Cells = ReadonlyMap<string, unknown>;

/** What connections say of requests that no recorder saw. `cells` has the origins with at least one exchange. */
export function unseenFacts(cells: Cells, { connection: connections }: Evidence): string[] {
  return [...notToldApart(cells, connections), ...neverOpen(cells, connections)];
}

/** Requests that can't be told apart, as those of HTTP/2 within TLS from system calls alone. */
function notToldApart(cells: Cells, connections: readonly Connection[]): string[] {
  const hidden = connections.filter(({ protocol, origin }) => isMultiplexed(protocol) && !cells.has(origin));
  if (hidden.length === 0) return [];
  return [
    `${hidden.length} ${hidden.length === 1 ? 'connection' : 'connections'} (${hidden[0]!.origin}) carried HTTP/2 or something unknown: from outside such requests can't be told apart.`,
  ];
}

/** What a program that made no request may have wanted. */
function neverOpen(cells: Cells, connections: readonly Connection[]): string[] {
  const unopened = connections.filter(({ connectedUs }) => connectedUs === null);
  if (cells.size > 0 || unopened.length === 0) return [];
  return [
    `${unopened.length} of ${connections.length} connections were never open (to ${unopened[0]!.remote ?? unopened[0]!.origin}): nothing could be sent over them.`,
  ];
}

function isMultiplexed(protocol: Connection['protocol']): boolean {
  return protocol === 'h2' || protocol === 'opaque';
}
