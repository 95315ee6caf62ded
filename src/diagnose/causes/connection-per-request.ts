import { ownFrame, placesOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { holds } from '../scene/attribution.ts';
import { setPlaces, shortPlace } from '../scene/modules.ts';
import { limitSeen } from '../scene/plateau.ts';
import { type Opening, openingOf, reopenedIn } from '../scene/reopened.ts';
import type { Scene } from '../scene/scene.ts';
import { timeIn } from '../spans.ts';
import { LEAST_BLAMED } from '../thresholds.ts';
import { isComputing } from '../waits.ts';

/** A new connection, with its handshake, for each request, where one that was free could have been used again. */
export const connectionPerRequest = rule({
  id: 'connection-per-request',
  step: 'connected',
  means: 'a new connection for each request, where a free one could have been used',
  toldFrom: "connections of one request each, and their opening's time",
  fix: {
    any: 'Keep connections alive: one client for all requests, with idle connections enough for all of them.',
    python:
      'Keep connections alive: one requests.Session, httpx.Client or aiohttp.ClientSession for all requests.',
    ruby: 'Keep connections alive: all requests of a thread within one `Net::HTTP.start(host, port) { |http| ... }`.',
    node: 'Keep connections alive: one agent for all requests, `new https.Agent({ keepAlive: true })`.',
  },
  sure: 'certain',
  references: [
    {
      language: 'python',
      url: 'https://requests.readthedocs.io/en/latest/user/advanced/#session-objects',
      title: 'Session Objects',
    },
    {
      language: 'node',
      url: 'https://nodejs.org/api/http.html#class-httpagent',
      title: 'Class: http.Agent',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const reopened = reopenedIn(scene);
    if (reopened === undefined) return undefined;
    const { again } = reopened;
    const held = heldMeanwhile(scene);
    const openingUs = again.reduce((sum, opening) => sum + opening.toUs - opening.fromUs - held(opening), 0);
    // Only the time in which a request has a slot counts; the wait for a slot has causes of its own.
    const totalUs = scene.exchanges.reduce(
      (sum, seen) => sum + seen.endUs - openingOf(scene, seen).fromUs,
      0,
    );
    const part = openingUs / totalUs;
    if (part < LEAST_BLAMED) return undefined;
    const secured = again.filter(({ seen }) => tlsUs(scene, seen.exchange.connection) > 0);
    const handshake = secured.length >= again.length / 2 ? 'TLS handshake' : 'connect';
    const closing = scene.limits.find(({ kind, size }) => kind === 'keep-alive' && size === 0);
    const off =
      closing === undefined
        ? ''
        : ` (${closing.of} is off${closing.setAt === undefined ? '' : `, ${shortPlace(closing.setAt)}`})`;
    return {
      confidence: 'certain',
      share: part,
      text: `${reopened.text}${off}.`,
      because: [
        `${again.length} could have reused one; each pays a ${handshake} of ${duration(openingUs / again.length)} in the mean.`,
      ],
      places: [
        ...setPlaces(scene, closing?.setAt),
        ...placesOf(ownFrame(scene.framesOf(again[0]!.seen.exchange.stack))),
      ],
      evidence: [
        ...(closing === undefined ? [] : [limitSeen(closing)]),
        { kind: 'reopened', exchanges: again.length },
      ],
    };
  },
});

/** How long the thread of an opening waited for something of another exchange meanwhile: that is no handshake. */
function heldMeanwhile(scene: Scene): (opening: Opening) => number {
  const waits = holds(scene).filter(({ block }) => !isComputing(block));
  const bySeen = Map.groupBy(waits, ({ seen }) => seen);
  const before = new Map([...bySeen].map(([seen, own]) => [seen, timeIn(own.map(({ block }) => block))]));
  return ({ seen, fromUs, toUs }) => {
    const held = before.get(seen);
    return held === undefined ? 0 : held(toUs) - held(fromUs);
  };
}

function tlsUs({ connections }: Scene, id: number | null | undefined): number {
  const { tlsStartUs, tlsDoneUs } = (typeof id === 'number' && connections.get(id)) || {};
  return typeof tlsStartUs === 'number' && typeof tlsDoneUs === 'number' ? tlsDoneUs - tlsStartUs : 0;
}
