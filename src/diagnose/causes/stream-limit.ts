import { waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { limitSeen, plateauOf } from '../scene/plateau.ts';
import { unsentUs, waited } from '../scene/scene.ts';

/** HTTP/2: the server allows so many streams on a connection, and the client opens no second one (RFC 9113 §5.1.2). */
export const streamLimit = rule({
  id: 'stream-limit',
  step: 'dispatched',
  means: 'the server allows few HTTP/2 streams on a connection, and the client opens no second one',
  toldFrom: 'the limit of the connection',
  fix: { any: 'Raise the limit of the server, let the client open more connections, or use HTTP/1.1 here.' },
  sure: 'certain',
  references: [
    {
      url: 'https://www.rfc-editor.org/rfc/rfc9113#section-5.1.2',
      title: 'RFC 9113, 5.1.2: Stream Concurrency',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const plateau = plateauOf(scene);
    if (plateau === undefined) return undefined;
    const used = new Set(scene.exchanges.flatMap(({ exchange }) => exchange.connection ?? []));
    const sessions = [...used].filter((id) => scene.connections.get(id)?.protocol === 'h2');
    if (sessions.length === 0) return undefined;
    const [limit] = scene.limits.filter(
      ({ kind, size }) => kind === 'streams' && size * sessions.length === plateau.level,
    );
    if (limit === undefined) return undefined;
    const waits = waitingBefore(scene, 'streams', 'semaphore');
    const heldBack = waited(scene.exchanges, 'dispatched', 'connected', 'sent') / unsentUs(scene.exchanges);
    const there = sessions.length === 1 ? 'was one connection' : `were ${sessions.length} connections`;
    return {
      confidence: 'certain',
      share: scene.lostUnsentShare * (waits?.explained ?? heldBack),
      text: `At most ${plateau.level} at a time: the server allows ${limit.size} streams on an HTTP/2 connection (MAX_CONCURRENT_STREAMS).`,
      because: [`There ${there}, and up to ${plateau.waiting} others waited.`],
      places: waits?.places ?? [],
      evidence: [
        limitSeen(limit),
        ...sessions.slice(0, 3).map((id) => ({ kind: 'connection', id, protocol: 'h2' }) as const),
        ...(waits === undefined ? [] : [waits.seen]),
      ],
    };
  },
});
