import type { Connection } from '../../trace/index.ts';

/** How far apart two recorders may see one connection begin. */
const SAME_US = 2_000_000;

/**
 * Which connection from inside is which from outside: by both addresses, the process, and the nearest time, as ports
 * are used again. Several from inside may be one from outside: a socket, and the TLS session on it.
 *
 * @returns the id from outside, by the id from inside
 */
export function joinConnections(
  inside: readonly Connection[],
  outside: readonly Connection[],
): Map<number, number> {
  const byAddresses = Map.groupBy(outside, addressesOf);
  const byRemote = Map.groupBy(outside, remoteOf);
  const joined = new Map<number, number>();
  const taken = new Set<number>();
  for (const connection of inside) {
    const candidates =
      connection.local === undefined
        ? (byRemote.get(remoteOf(connection)) ?? []).filter(({ id }) => !taken.has(id))
        : [
            ...(byAddresses.get(addressesOf(connection)) ?? []),
            ...(byRemote.get(remoteOf(connection)) ?? []).filter(({ local }) => local === undefined),
          ];
    const found = nearest(connection, candidates);
    if (found === undefined) continue;
    joined.set(connection.id, found.id);
    taken.add(found.id);
  }
  return joined;
}

function addressesOf({ local, remote }: Connection): string {
  return `${local} ${remote}`;
}

function remoteOf({ pid, remote }: Connection): string {
  return `${pid} ${remote}`;
}

/** Of the same process, if there are any: a process in a namespace of its own knows itself by another number. */
function nearest(connection: Connection, candidates: readonly Connection[]): Connection | undefined {
  const own = candidates.filter(({ pid }) => pid === connection.pid);
  const at = beginOf(connection);
  let best: Connection | undefined;
  let bestUs = SAME_US;
  for (const candidate of own.length > 0 ? own : candidates) {
    const apartUs = Math.abs(beginOf(candidate) - at);
    if (apartUs >= bestUs) continue;
    best = candidate;
    bestUs = apartUs;
  }
  return best;
}

function beginOf({ connectingUs, connectedUs }: Connection): number {
  return connectedUs ?? connectingUs ?? 0;
}
