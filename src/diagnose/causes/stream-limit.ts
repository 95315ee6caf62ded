import type { Cause } from '../scene/cause.ts';
import { limitEvidence, plateauOf } from '../scene/plateau.ts';
import { type Scene, unsentUs, waited } from '../scene/scene.ts';
import { waitingBefore } from '../scene/waiting.ts';

/** HTTP/2: the server allows so many streams on a connection, and the client opens no second one (RFC 9113 §5.1.2). */
export function streamLimit(scene: Scene): Cause | undefined {
  const plateau = plateauOf(scene);
  if (plateau === undefined) return undefined;
  const used = new Set(scene.exchanges.map(({ exchange }) => exchange.connection));
  const sessions = [...used].filter(
    (id) => typeof id === 'number' && scene.connections.get(id)?.protocol === 'h2',
  );
  if (sessions.length === 0) return undefined;
  const [limit] = scene.limits.filter(
    ({ kind, size }) => kind === 'streams' && size * sessions.length === plateau.level,
  );
  if (limit === undefined) return undefined;
  const waits = waitingBefore(scene, 'streams', 'semaphore');
  const heldBack = waited(scene.exchanges, 'dispatched', 'connected', 'sent') / unsentUs(scene.exchanges);
  return {
    id: 'stream-limit',
    confidence: 'certain',
    text: `At most ${plateau.level} at a time: the server allows ${limit.size} streams on an HTTP/2 connection (MAX_CONCURRENT_STREAMS), and there ${sessions.length === 1 ? 'was one connection' : `were ${sessions.length} connections`}. Up to ${plateau.waiting} others waited.`,
    share: scene.lostUnsentShare * (waits?.explained ?? heldBack),
    evidence: [
      limitEvidence(limit),
      ...sessions.slice(0, 3).map((id) => `connection ${id}: h2`),
      ...(waits?.evidence ?? []),
    ],
    remedy: 'Raise the limit of the server, let the client open more connections, or use HTTP/1.1 here.',
    reference: 'golang/go#27044',
  };
}
