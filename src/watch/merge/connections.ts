import { type Connection, countWhile } from '../../trace/index.ts';

/**
 * So long after one recorder has seen a connection open the other may see it begin. Ports are used again after a
 * minute at the earliest (TIME_WAIT), or at once where the other side closed first.
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
  // Where a program never asks for its own address, the system calls show only the other one.
  const unnamed = byRemote(outside.filter(({ local }) => local === undefined));
  const joined = new Map<number, number>();
  for (const connection of inside) {
    if (connection.local === undefined) continue;
    const same = named.get(addressesOf(connection));
    const found = same === undefined ? taken(connection, unnamed) : nearest(connection, same);
    if (found !== undefined) joined.set(connection.id, found.id);
  }
  const known = new Set(joined.values());
  const rest = byRemote(outside.filter(({ id }) => !known.has(id)));
  for (const connection of inside) {
    if (connection.local !== undefined) continue;
    const found = taken(connection, rest);
    if (found !== undefined) joined.set(connection.id, found.id);
  }
  return joined;
}

/** Connections to one place, in the order of their beginning. */
function byRemote(connections: readonly Connection[]): Map<string, Connection[]> {
  const ordered = connections.toSorted((one, other) => beginOf(one) - beginOf(other));
  return Map.groupBy(ordered, remoteOf);
}

function addressesOf({ local, remote }: Connection): string {
  return `${local} ${remote}`;
}

function remoteOf({ pid, remote }: Connection): string {
  return `${pid} ${remote}`;
}

/** The nearest in time to the same place; it is then taken out of the list. */
function taken(connection: Connection, free: ReadonlyMap<string, Connection[]>): Connection | undefined {
  const candidates = free.get(remoteOf(connection));
  if (candidates === undefined) return undefined;
  const beginUs = beginInside(connection);
  const after = countWhile(candidates, (candidate) => beginOf(candidate) < beginUs);
  const found = nearest(connection, candidates.slice(Math.max(0, after - 1), after + 1));
  if (found !== undefined) candidates.splice(candidates.indexOf(found, Math.max(0, after - 1)), 1);
  return found;
}

/** Of the same process, if there are any: a process in a namespace of its own knows itself by another number. */
function nearest(connection: Connection, candidates: readonly Connection[]): Connection | undefined {
  const own = candidates.filter(({ pid }) => pid === connection.pid);
  let best: Connection | undefined;
  let bestUs = Infinity;
  for (const candidate of own.length > 0 ? own : candidates) {
    if (gapUs(connection, candidate) >= SAME_US) continue;
    const apartUs = Math.abs(beginOf(candidate) - beginInside(connection));
    if (apartUs >= bestUs) continue;
    best = candidate;
    bestUs = apartUs;
  }
  return best;
}

/**
 * How long lies between the times in which each saw the connection open; none where these overlap. A loop that is
 * blocked wants a connection long before it makes it, and hears of it long after.
 */
function gapUs(inside: Connection, outside: Connection): number {
  const insideFrom = beginInside(inside);
  const outsideFrom = beginOf(outside);
  const insideTo = Math.max(insideFrom, inside.connectedUs ?? 0);
  const outsideTo = Math.max(outsideFrom, outside.connectedUs ?? 0);
  return Math.max(0, outsideFrom - insideTo, insideFrom - outsideTo);
}

/** From outside: the call that connects. Which look-up was for it is a guess, and no part of it. */
function beginOf({ connectingUs, connectedUs }: Connection): number {
  return connectingUs ?? connectedUs ?? 0;
}

/** A program may hear late that it is connected; that it wants to be, it knows. After its name was looked up. */
function beginInside(connection: Connection): number {
  return Math.max(beginOf(connection), connection.dnsToUs ?? 0);
}
