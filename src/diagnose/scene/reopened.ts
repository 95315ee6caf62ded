import { MOSTLY } from '../thresholds.ts';
import { ofScene, type Scene, type Seen } from './scene.ts';

/** Fewer new connections are no habit. */
const LEAST = 10;

/** So many times the connections that were ever used at once: they are given up, and opened again. */
const CHURN = 5;

/** Connections that were opened though one could have been used again. */
export interface Reopened {
  readonly again: readonly Opening[];
  /** 'A new connection for each request: 20 connections for 20 requests' */
  readonly text: string;
}

/** Undefined where a program keeps its connections. */
export const reopenedIn = ofScene((scene): Reopened | undefined => {
  const { exchanges } = scene;
  const again = openedAgain(scene);
  const isEach = again.length >= MOSTLY * exchanges.length;
  if (again.length < LEAST || !(isEach || again.length >= CHURN * scene.judgement.inFlight.max))
    return undefined;
  const used = new Set(exchanges.map(({ exchange }) => exchange.connection)).size;
  const what = isEach ? 'A new connection for each request' : 'New connections again and again';
  return { again, text: `${what}: ${used} connections for ${exchanges.length} requests` };
});

/** The opening of a connection for one request. */
export interface Opening {
  readonly seen: Seen;
  readonly fromUs: number;
  readonly toUs: number;
}

/** How the connection of an exchange was opened: from outside nobody sees when a request is dispatched; its connection begins at that moment. */
export function openingOf({ connections }: Scene, seen: Seen): Opening {
  const { exchange, times, endUs } = seen;
  const from = Math.min(times.dispatched, endUs);
  const to = Math.min(times.connected, endUs);
  if (exchange.dispatchedUs !== undefined || (exchange.ordinal ?? 0) > 0)
    return { seen, fromUs: from, toUs: to };
  const connection = connections.get(exchange.connection ?? -1);
  const begunUs = connection?.connectingUs ?? from;
  const doneUs = connection?.tlsDoneUs ?? connection?.connectedUs ?? to;
  return { seen, fromUs: Math.min(begunUs, from), toUs: Math.min(doneUs, Math.min(times.sent, endUs)) };
}

/** Those that opened a connection of their own though one of their process to the same origin was done with its request. */
function openedAgain(scene: Scene): readonly Opening[] {
  const groups = Map.groupBy(scene.exchanges, ({ exchange: { pid, origin } }) => `${pid} ${origin}`);
  return [...groups.values()].flatMap((own) => {
    const inOrder = own
      .filter(({ times }) => times.connected < Infinity)
      .map((seen) => openingOf(scene, seen))
      .sort((a, b) => a.fromUs - b.fromUs);
    const ends = inOrder.map(({ seen }) => seen.endUs).sort((a, b) => a - b);
    let free = 0;
    let ended = 0;
    const again: Opening[] = [];
    for (const opening of inOrder) {
      while (ended < ends.length && ends[ended]! <= opening.fromUs) {
        ended++;
        free++;
      }
      if (free === 0) continue;
      free--; // each connection that is free serves one
      if ((opening.seen.exchange.ordinal ?? 0) === 0 && opening.toUs > opening.fromUs) again.push(opening);
    }
    return again;
  });
}
