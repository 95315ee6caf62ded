import type { Cause } from './cause.ts';
import { ownFrame, placeOf, shortPlace } from './frames.ts';
import { limitEvidence } from './plateau.ts';
import type { Scene, Seen } from './scene.ts';
import { seconds } from './waiting.ts';

/** Fewer new connections are no habit. */
const LEAST = 10;

/** A new connection, with its handshake, for each request, where one that was free could have been used again. */
export function handshakeChurn(scene: Scene): Cause | undefined {
  const again = openedAgain(scene);
  if (again.length < LEAST || again.length < 0.5 * scene.exchanges.length) return undefined;
  const openingUs = again.reduce((sum, { times }) => sum + times.connected - times.dispatched, 0);
  const totalUs = scene.exchanges.reduce((sum, { times, endUs }) => sum + endUs - times.asked, 0);
  const part = openingUs / totalUs;
  if (part < 0.2) return undefined;
  const used = new Set(scene.exchanges.map(({ exchange }) => exchange.connection)).size;
  const secured = again.filter(({ exchange }) => tlsUs(scene, exchange.connection) > 0);
  const handshake = secured.length >= again.length / 2 ? 'TLS handshake' : 'connect';
  const closing = scene.limits.find(({ name, value }) => /keepalive/i.test(name) && value === 0);
  const asking = scene.framesOf(again[0]!.exchange.stack);
  const own = ownFrame(asking);
  const where = closing?.where ?? (own === undefined ? undefined : `${own.file}:${own.line}`);
  return {
    id: 'connection-per-request',
    confidence: 'certain',
    text: `A new connection for each request: ${used} connections for ${scene.exchanges.length} requests, though ${again.length} could have reused one; each pays a ${handshake} of ${seconds(openingUs / again.length)} in the mean${where === undefined ? '' : ` (${closing === undefined ? '' : `${closing.name} is off, `}${shortPlace(where)})`}.`,
    share: part,
    evidence: [
      ...(closing === undefined ? [] : [limitEvidence(closing)]),
      `${again.length} exchanges opened a connection while an earlier one to the same origin stood unused or had been closed after one request`,
      ...(own === undefined ? [] : [`asked at ${placeOf(own)}`]),
    ],
    remedy: 'Keep connections alive: one client, session or agent (keepAlive: true) for all requests.',
    reference: 'golang/go#13801',
  };
}

/** Those that opened a connection of their own though one of their process to the same origin was done with its request. */
function openedAgain({ exchanges }: Scene): Seen[] {
  const groups = Map.groupBy(exchanges, ({ exchange: { pid, origin } }) => `${pid} ${origin}`);
  return [...groups.values()].flatMap((own) => {
    const inOrder = own
      .filter(({ times }) => times.connected < Infinity)
      .sort((a, b) => a.times.dispatched - b.times.dispatched);
    const ends = inOrder.map(({ endUs }) => endUs).sort((a, b) => a - b);
    let free = 0;
    let ended = 0;
    const again: Seen[] = [];
    for (const seen of inOrder) {
      while (ended < ends.length && ends[ended]! <= seen.times.dispatched) {
        ended++;
        free++;
      }
      if (free === 0) continue;
      free--; // each connection that is free serves one
      if ((seen.exchange.ordinal ?? 0) === 0 && seen.times.connected > seen.times.dispatched)
        again.push(seen);
    }
    return again;
  });
}

function tlsUs({ connections }: Scene, id: number | null | undefined): number {
  const { tlsStartUs, tlsDoneUs } = (typeof id === 'number' && connections.get(id)) || {};
  return typeof tlsStartUs === 'number' && typeof tlsDoneUs === 'number' ? tlsDoneUs - tlsStartUs : 0;
}
