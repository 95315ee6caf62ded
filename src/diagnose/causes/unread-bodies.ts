import { msOf } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { limitSeen, plateauOf } from '../scene/plateau.ts';
import { MOST_COMPARED, type Scene, type Seen } from '../scene/scene.ts';
import { overlapUs } from '../spans.ts';
import { LEAST_BLAMED, MOSTLY, NEARLY_ALL } from '../thresholds.ts';

const MOST_SHOWN = 5;

/** Slots of a pool that are never given back: answers that came, and were not read, keep their connections. */
export const unreadBodies = rule({
  id: 'unread-bodies',
  step: 'dispatched',
  means: 'answers arrived and were not read: they keep their connections',
  toldFrom: 'answers that were never read, while other requests wait for a connection',
  fix: {
    any: 'Read each body, or close the answer, before the next requests are made.',
    python:
      'Read each body, or close it (`async with`, `with`, `response.close()`), before the next requests are made.',
    node: 'Read each body, or throw it away (`await body.dump()`, `response.resume()`), before the next requests are made.',
  },
  sure: 'certain where the pool was used up, else likely',
  references: [
    {
      language: 'python',
      url: 'https://requests.readthedocs.io/en/latest/user/advanced/#body-content-workflow',
      title: 'Body Content Workflow',
    },
    {
      language: 'node',
      url: 'https://github.com/nodejs/undici#garbage-collection',
      title: 'Garbage Collection',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const unread = lyingUnread(scene);
    const waiting = scene.exchanges.filter(
      ({ times, endUs }) => Math.min(times.dispatched, endUs) > times.wanted,
    );
    if (unread.length === 0 || waiting.length === 0) return undefined;
    const heldUs = waiting.map((one) => heldBy(one, unread.slice(0, MOST_COMPARED)));
    const held = heldUs.filter((us) => us > 0).length;
    const share = heldUs.reduce((most, us) => Math.max(most, us), 0) / (scene.toUs - scene.fromUs);
    if (held < MOSTLY * waiting.length || share < LEAST_BLAMED) return undefined;
    const plateau = plateauOf(scene);
    if (plateau !== undefined && unread.length < NEARLY_ALL * plateau.level) return undefined;
    const neverSent = waiting.filter(({ times }) => times.sent === Infinity).length;
    const own = ownFrame(scene.framesOf(unread[0]!.seen.exchange.stack));
    const limit = scene.limits.find(({ size }) => size === plateau?.level);
    const lost =
      neverSent > 0 ? `${neverSent} requests were never sent` : `${held} requests waited for a free one`;
    return {
      confidence: neverSent > 0 || plateau !== undefined ? 'certain' : 'likely',
      share,
      text: `${unread.length} answers came and their bodies were not read${own === undefined ? '' : ` (asked at ${placeOf(own)})`}.`,
      because: [`Each keeps its connection, and ${lost}.`],
      places: placesOf(own),
      evidence: [
        ...unread.slice(0, MOST_SHOWN).map(
          ({ seen: { exchange, times }, untilUs }) =>
            ({
              kind: 'unread',
              exchange: exchange.id,
              connection: exchange.connection ?? -1,
              ms: msOf(untilUs - times.answered),
              ...(exchange.error && { error: exchange.error }),
            }) as const,
        ),
        ...(limit === undefined ? [] : [limitSeen(limit)]),
      ],
    };
  },
});

/** The longest time for which an unread answer kept its connection while an exchange waited. */
function heldBy({ times, endUs }: Seen, unread: readonly Unread[]): number {
  const until = Math.min(times.dispatched, endUs);
  return unread.reduce(
    (most, { seen, untilUs }) => Math.max(most, overlapUs(times.wanted, until, seen.times.answered, untilUs)),
    0,
  );
}

/** An answer that was not read, and until when it kept its connection. */
interface Unread {
  readonly seen: Seen;
  readonly untilUs: number;
}

function lyingUnread({ exchanges, evidence, toUs }: Scene): Unread[] {
  const unread = exchanges.filter(
    ({ exchange, times }) =>
      times.answered < Infinity && (exchange.readUs === null || exchange.unread === true),
  );
  if (unread.length === 0) return [];
  const closed = new Map(evidence.connectionClosed.map(({ id, atUs }) => [id, atUs]));
  const users = Map.groupBy(exchanges, ({ exchange }) => exchange.connection ?? null);
  return unread.map((seen) => {
    const { connection } = seen.exchange;
    if (seen.exchange.unread !== true || typeof connection !== 'number') return { seen, untilUs: seen.endUs };
    const next = users
      .get(connection)!
      .reduce((first, { times: { sent } }) => (sent >= seen.endUs ? Math.min(first, sent) : first), toUs);
    return { seen, untilUs: Math.max(seen.endUs, Math.min(next, closed.get(connection) ?? toUs)) };
  });
}
