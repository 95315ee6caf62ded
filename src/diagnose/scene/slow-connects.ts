import type { Connection } from '../../trace/index.ts';
import { unionUs } from '../spans.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { ofScene, type Scene } from './scene.ts';

/** An attempt to connect that came to nothing, until another address of the name was tried. */
export interface DeadAttempt {
  readonly attempt: Connection;
  readonly next: Connection;
  readonly fromUs: number;
  readonly toUs: number;
}

/** A client that races addresses begins with the next one after 250 ms at most (RFC 8305 §5, and Node's default). */
const RACED_US = 400_000;
/** The next address is tried as soon as the one before is given up. */
const AT_ONCE_US = 50_000;

/** The attempts that delayed a connection, in the order in which they began. */
export const deadAttempts = ofScene(({ evidence }): readonly DeadAttempt[] => {
  const closed = new Map(evidence.connectionClosed.map(({ id, atUs }) => [id, atUs]));
  const timed = evidence.connection.filter(
    ({ connectingUs, remote }) => connectingUs !== undefined && remote !== undefined,
  );
  const groups = Map.groupBy(timed, ({ pid, thread, remote }) => `${pid} ${thread} ${portOf(remote!)}`);
  return [...groups.values()].flatMap((group) => {
    const inOrder = group.toSorted((a, b) => a.connectingUs! - b.connectingUs!);
    const taken = new Set<Connection>();
    return inOrder.flatMap((attempt): DeadAttempt[] => {
      if (attempt.connectedUs !== null) return [];
      const fromUs = attempt.connectingUs!;
      const givenUpUs = closed.get(attempt.id) ?? Number.POSITIVE_INFINITY;
      const next = inOrder.find(
        (other) =>
          !taken.has(other) &&
          typeof other.connectedUs === 'number' &&
          other.remote !== attempt.remote &&
          other.connectingUs! - fromUs >= RACED_US &&
          other.connectingUs! - givenUpUs <= AT_ONCE_US,
      );
      if (next === undefined) return [];
      taken.add(next);
      return [{ attempt, next, fromUs, toUs: next.connectingUs! }];
    });
  });
});

function portOf(remote: string): string {
  return remote.slice(remote.lastIndexOf(':') + 1);
}

/** A connection whose first packet (SYN) was sent again before it was answered. */
export interface Retransmitted {
  readonly connection: Connection;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Linux sends a SYN again after 1 s, then after 2, 3 and 4 s more, or after 3 and 7 s (tcp_syn_linear_timeouts). */
const SECOND_US = 1e6;
const EARLIEST = 0.98;
/** The way there and back, and the program's turn, come on top. */
const LATEST_US = 120_000;

/** The connections of the scene that took a whole number of seconds, and little more, to open. */
export const retransmitted = ofScene((scene): readonly Retransmitted[] => {
  const used = new Set(scene.exchanges.map(({ exchange }) => exchange.connection));
  const slow = [...scene.connections.values()].flatMap((connection): Retransmitted[] => {
    const { connectingUs: fromUs, connectedUs: toUs } = connection;
    if (!used.has(connection.id) || fromUs === undefined || typeof toUs !== 'number') return [];
    return toUs - fromUs >= EARLIEST * SECOND_US ? [{ connection, fromUs, toUs }] : [];
  });
  const again = slow.filter(({ fromUs, toUs }) => {
    const overUs = (toUs - fromUs) % SECOND_US;
    return overUs <= LATEST_US || overUs >= EARLIEST * SECOND_US;
  });
  return again.length >= 2 && again.length >= NEARLY_ALL * slow.length ? again : [];
});

/** The part of the wall time in which any of these went on. */
export function shareOf(
  scene: Scene,
  times: readonly { readonly fromUs: number; readonly toUs: number }[],
): number {
  return unionUs(times, scene) / (scene.toUs - scene.fromUs);
}
