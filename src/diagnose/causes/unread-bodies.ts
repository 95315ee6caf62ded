import { ownFrame, placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { limitEvidence, plateauOf } from '../scene/plateau.ts';
import { MOST_COMPARED, overlapUs, type Scene, type Seen } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** Slots of a pool that are never given back: answers that came, and were not read, keep their connections. */
export function unreadBodies(scene: Scene): Cause | undefined {
  const unread = scene.exchanges.filter(
    ({ exchange, times }) => times.answered < Infinity && exchange.readUs === null,
  );
  const waiting = scene.exchanges.filter(
    ({ times, endUs }) => Math.min(times.dispatched, endUs) > times.wanted,
  );
  if (unread.length === 0 || waiting.length === 0) return undefined;
  const heldUs = waiting.map((one) => heldBy(one, unread.slice(0, MOST_COMPARED)));
  const held = heldUs.filter((us) => us > 0).length;
  const share = heldUs.reduce((most, us) => Math.max(most, us), 0) / (scene.toUs - scene.fromUs);
  if (held < waiting.length / 2 || share < 0.2) return undefined;
  const plateau = plateauOf(scene);
  if (plateau !== undefined && unread.length < plateau.level) return undefined;
  const neverSent = waiting.filter(({ times }) => times.sent === Infinity).length;
  const own = ownFrame(scene.framesOf(unread[0]!.exchange.stack));
  const limit = scene.limits.find(({ size }) => size === plateau?.level);
  return {
    id: 'unread-bodies',
    confidence: neverSent > 0 || plateau !== undefined ? 'certain' : 'likely',
    text: `${unread.length} answers came and their bodies were not read${own === undefined ? '' : ` (asked at ${placeOf(own)})`}: each keeps its connection, and ${neverSent > 0 ? `${neverSent} requests were never sent` : `${held} requests waited for a free one`}.`,
    share,
    evidence: [
      ...unread
        .slice(0, 5)
        .map(
          ({ exchange, times, endUs }) =>
            `exchange ${exchange.id} on connection ${exchange.connection}: answered, not read for ${seconds(endUs - times.answered)}${exchange.error ? ` (${exchange.error})` : ''}`,
        ),
      ...(limit === undefined ? [] : [limitEvidence(limit)]),
    ],
    remedy:
      'Read each body, or release the answer (async with, close, resume), before the next requests are made.',
    reference: 'psf/requests#2784',
  };
}

/** How long all connections that were let go lay unread while an exchange waited. */
function heldBy({ times, endUs }: Seen, unread: readonly Seen[]): number {
  const until = Math.min(times.dispatched, endUs);
  return unread.reduce(
    (most, one) => Math.max(most, overlapUs(times.wanted, until, one.times.answered, one.endUs)),
    0,
  );
}
