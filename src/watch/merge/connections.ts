import type { Connection } from '../../trace/index.ts';

/**
 * So long after the other one a recorder may see a connection begin. Ports are used again after a minute at the
 * earliest (TIME_WAIT), or at once where the other side closed first.
 */
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
  const named = Map.groupBy(outside, addressesOf);
  // Who never asks for its own address shows the system calls only the other one.
  const unnamed = Map.groupBy(
    outside.filter(({ local }) => local === undefined),
    remoteOf,
  );
  const all = Map.groupBy(outside, remoteOf);
  const joined = new Map<number, number>();
  const taken = new Set<number>();
  for (const connection of inside) {
    const to = remoteOf(connection);
    const free = (connection.local === undefined ? all : unnamed).get(to)?.filter(({ id }) => !taken.has(id));
    const same = connection.local === undefined ? undefined : named.get(addressesOf(connection));
    const found = nearest(connection, same ?? free ?? []);
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
  let best: Connection | undefined;
  let bestUs = SAME_US;
  for (const candidate of own.length > 0 ? own : candidates) {
    const apartUs = Math.abs(beginOf(candidate) - beginOf(connection));
    if (apartUs >= bestUs) continue;
    best = candidate;
    bestUs = apartUs;
  }
  return best;
}

/** A program may hear late that it is connected; that it wants to be, it knows. After its name was looked up. */
function beginOf({ connectingUs, connectedUs, dnsToUs }: Connection): number {
  return Math.max(connectingUs ?? connectedUs ?? 0, dnsToUs ?? 0);
}
