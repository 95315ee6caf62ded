import type { Limit } from '../../trace/index.ts';
import type { CauseFound, Reference } from '../found.ts';
import { calledOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { releasedBy, type Waiting, waitingBefore } from '../model/index.ts';
import { rule } from '../rule.ts';
import { explained, holds } from '../scene/attribution.ts';
import { fromOf, lineAt, setPlaces, withVersion } from '../scene/modules.ts';
import {
  CONNECTION_LIMITS,
  limitSeen,
  limitsAt,
  limitText,
  type Plateau,
  peaksOf,
  plateauOf,
  plateauSeen,
} from '../scene/plateau.ts';
import { type Scene, unsentUs, waited } from '../scene/scene.ts';
import { LEAST_BLAMED, MOSTLY, MOSTLY_FULL } from '../thresholds.ts';

/**
 * A connection pool or an agent with a limit. The cause says what the limit is and where it was set; only its owner
 * knows whether it is wrong.
 */
export const connectionLimit = rule({
  id: 'connection-limit',
  step: 'dispatched',
  means: 'a connection pool or an agent limits how many requests are under way',
  toldFrom: 'waits in its pool; a limit as large as the number of requests at once',
  fix: {
    any: 'Raise the limit of this pool, if the server can take more at once; it may be there on purpose.',
  },
  sure: 'certain with waits and limit, else likely',
  references: [],
  // A larger pool would be used up as well.
  yieldsTo: ['unread-bodies'],
  find: (scene) => pooled(scene) ?? allInFlight(scene),
});

/** Where no recorder saw the dispatch: as many as a limit allows are in flight, and hardly ever fewer. */
function allInFlight(scene: Scene): CauseFound | undefined {
  const { wanted, inFlight } = scene.judgement;
  if (wanted === null || inFlight.max < 2 || inFlight.max >= wanted || inFlight.full < MOSTLY_FULL)
    return undefined;
  if (isHeldBack(scene)) return undefined; // then it was seen
  const [limit] = limitsAt(scene, CONNECTION_LIMITS, inFlight.max);
  if (limit === undefined) return undefined;
  if (explained(holds(scene), scene.sample) >= LEAST_BLAMED) return undefined; // a thread that is held sends few at a time, too
  return {
    confidence: 'likely',
    share: scene.lostUnsentShare,
    text: `At most ${inFlight.max} at a time: ${limitText(limit, scene)}.`,
    because: [`Up to ${wanted - inFlight.max} others waited for a connection.`],
    places: setPlaces(scene, limit.setAt),
    evidence: [limitSeen(limit), { kind: 'in-flight', max: inFlight.max, full: inFlight.full }],
    ...cured(limit),
  };
}

function pooled(scene: Scene): CauseFound | undefined {
  const waits = waitingBefore(scene, 'connection-pool');
  // Where each goes when another has ended, the most there were is the limit, though it was not always reached.
  const peaks = waits === undefined && releasedBy(scene) !== 'ends' ? [plateauOf(scene)] : peaksOf(scene);
  const limitsOf = (peak: Plateau | undefined): readonly Limit[] =>
    peak === undefined ? [] : limitsAt(scene, CONNECTION_LIMITS, peak.level);
  const plateau = peaks.find((peak) => limitsOf(peak).length > 0) ?? peaks[0];
  const limits = limitsOf(plateau);
  const limit = nearest(limits, plateau?.origin ?? null);
  if (waits === undefined && (limit === undefined || !isHeldBack(scene))) return undefined;
  // As many workers may be the limit: waits in their queue show that.
  if (
    waits === undefined &&
    limitsAt(scene, ['workers'], plateau!.level).length > 0 &&
    waitingBefore(scene, 'executor')
  )
    return undefined;
  const part = waits?.explained ?? waited(scene.exchanges, 'dispatched') / unsentUs(scene.exchanges);
  return {
    confidence: waits !== undefined && limit !== undefined ? 'certain' : 'likely',
    share: scene.lostUnsentShare * part,
    text: `${atMost(plateau?.level)}: ${limit === undefined ? poolText(scene, waits!) : limitText(limit, scene)}.`,
    because: [
      `${plateau === undefined ? 'Others' : `Up to ${plateau.waiting} others`} waited for a connection.`,
    ],
    places: [...setPlaces(scene, limit?.setAt), ...(waits?.places ?? [])],
    ...fromOf(scene, waits?.frame),
    evidence: [
      ...limits.map(limitSeen),
      ...(plateau === undefined ? [] : [plateauSeen(plateau)]),
      ...(waits === undefined ? [] : [waits.seen]),
    ],
    ...cured(limit),
  };
}

function cured(limit: Limit | undefined): Pick<CauseFound, 'fix' | 'reference'> {
  if (limit === undefined) return {};
  return {
    fix: `Raise ${limit.of}, if the server can take more at once; it may be there on purpose.`,
    reference: referenceOf(limit.of),
  };
}

/** Whether most of the time before sending was a wait for dispatch. */
function isHeldBack({ exchanges }: Scene): boolean {
  return waited(exchanges, 'dispatched') >= MOSTLY * unsentUs(exchanges);
}

/** Where several are as large, the one that was made for hosts, or that the program set itself. */
function nearest(limits: readonly Limit[], origin: string | null): Limit | undefined {
  const perHost = limits.filter(({ kind }) => kind === 'connections-per-host');
  const pool = origin !== null && perHost.length > 0 ? perHost : limits;
  return pool.find(({ setAt }) => setAt !== undefined && lineAt(setAt) !== null) ?? pool[0];
}

function atMost(level: number | undefined): string {
  return level === undefined ? 'Requests waited for a free connection' : `At most ${level} at a time`;
}

function poolText(scene: Scene, { frame }: Waiting): string {
  if (frame === undefined) return 'a connection pool was full';
  const name = packageOf(frame.file);
  return `the pool of ${name === undefined ? 'the library' : withVersion(scene, name)} was full (${calledOf(frame)})`;
}

/** Where the limit of a library was met, by the first word of what sets it that is known. */
const MET: ReadonlyMap<string, Reference> = new Map([
  // Its settings are called CONCURRENT_REQUESTS: before the library of that name.
  [
    'scrapy',
    {
      url: 'https://github.com/scrapy/scrapy/issues/5083',
      title: 'CONCURRENT_REQUESTS_PER_DOMAIN ignored for start_urls',
    },
  ],
  [
    'aiohttp',
    {
      url: 'https://github.com/aio-libs/aiohttp/issues/353',
      title: 'Add limit for connections to the same host:port pair to BaseConnector',
    },
  ],
  ...['httpcore', 'httpx'].map(
    (library) =>
      [
        library,
        {
          url: 'https://github.com/encode/httpx/issues/1171',
          title: 'PoolTimeout when num tasks in asyncio.gather() exceeds client max_connections',
        },
      ] as const,
  ),
  ...['requests', 'urllib3'].map(
    (library) =>
      [
        library,
        {
          url: 'https://github.com/WDscholia/scholia/pull/2789',
          title: 'Set pool_block=True to enforce connection limit',
        },
      ] as const,
  ),
  ['undici', { url: 'https://github.com/nodejs/undici/issues/77', title: 'Disabling pipelining' }],
  [
    'agent',
    {
      url: 'https://github.com/sindresorhus/got/issues/22',
      title: 'Default agent is limited with 5 sockets',
    },
  ],
]);

function referenceOf(name: string): Reference | null {
  const words = name.toLowerCase();
  return [...MET].find(([library]) => words.includes(library))?.[1] ?? null;
}
