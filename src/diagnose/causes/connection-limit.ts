import type { Limit } from '../../trace/index.ts';
import { calledOf, placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { explained, holds } from '../scene/attribution.ts';
import type { Cause } from '../scene/cause.ts';
import { lineAt, withVersion } from '../scene/modules.ts';
import {
  CONNECTION_LIMITS,
  limitEvidence,
  limitsAt,
  limitText,
  peakOf,
  plateauOf,
} from '../scene/plateau.ts';
import { type Scene, unsentUs, waited } from '../scene/scene.ts';
import { type Waiting, waitingBefore } from '../scene/waiting.ts';
import { unreadBodies } from './unread-bodies.ts';

/**
 * A pool or an agent that lets so many requests go at a time. It says what the limit is and where it was set; whether
 * it is wrong only its owner knows.
 */
export function connectionLimit(scene: Scene): Cause | undefined {
  return pooled(scene) ?? allInFlight(scene);
}

/** So much of the time, at least: a connection that is free is taken again at once. */
const MOSTLY_FULL = 0.6;

/** Where nobody saw requests being let go: as many as a limit allows are in flight, and hardly ever fewer. */
function allInFlight(scene: Scene): Cause | undefined {
  const { wanted, inFlight } = scene.judgement;
  if (wanted === null || inFlight.max < 2 || inFlight.max >= wanted || inFlight.full < MOSTLY_FULL)
    return undefined;
  if (isHeldBack(scene)) return undefined; // then it was seen
  const [limit] = limitsAt(scene, CONNECTION_LIMITS, inFlight.max);
  if (limit === undefined || unreadBodies(scene) !== undefined) return undefined;
  if (explained(holds(scene), scene.sample) >= 0.2) return undefined; // a thread that is held lets few go, too
  return {
    id: 'connection-limit',
    confidence: 'likely',
    text: `At most ${inFlight.max} at a time: ${limitText(limit, scene)}. Up to ${wanted - inFlight.max} others waited for a connection.`,
    share: scene.lostUnsentShare,
    evidence: [
      limitEvidence(limit),
      `${inFlight.max} in flight for ${Math.round(100 * inFlight.full)}% of the time, never more`,
    ],
    remedy: remedyOf(limit),
    reference: referenceOf(limit.of),
  };
}

function pooled(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'connection-pool');
  const plateau = waits === undefined ? plateauOf(scene) : peakOf(scene);
  const limits = plateau === undefined ? [] : limitsAt(scene, CONNECTION_LIMITS, plateau.level);
  const limit = nearest(limits, plateau?.origin ?? null);
  if (waits === undefined && (limit === undefined || !isHeldBack(scene))) return undefined;
  if (unreadBodies(scene) !== undefined) return undefined; // a larger pool would be used up as well
  // Workers of the same number may be what is waited for: who waits in their queue is known to.
  if (
    waits === undefined &&
    limitsAt(scene, ['workers'], plateau!.level).length > 0 &&
    waitingBefore(scene, 'executor')
  )
    return undefined;
  const part = waits?.explained ?? waited(scene.exchanges, 'dispatched') / unsentUs(scene.exchanges);
  return {
    id: 'connection-limit',
    confidence: waits !== undefined && limit !== undefined ? 'certain' : 'likely',
    text: `${atMost(plateau?.level)}: ${limit === undefined ? poolText(scene, waits!) : limitText(limit, scene)}. ${plateau === undefined ? 'Others' : `Up to ${plateau.waiting} others`} waited for a connection.`,
    share: scene.lostUnsentShare * part,
    evidence: [
      ...limits.map(limitEvidence),
      ...(plateau === undefined
        ? []
        : [`never more than ${plateau.level} let go at once while up to ${plateau.waiting} waited`]),
      ...(waits?.evidence ?? []),
    ],
    remedy: remedyOf(limit),
    reference: referenceOf(limit?.of ?? ''),
  };
}

function remedyOf(limit: Limit | undefined): string {
  return limit === undefined
    ? 'Raise the limit of this pool, if the server can take more at once.'
    : `Raise ${limit.of}, if the server can take more at once; it may be there on purpose.`;
}

/** Whether most of the time before sending was a wait to be let go. */
function isHeldBack({ exchanges }: Scene): boolean {
  return waited(exchanges, 'dispatched') >= 0.5 * unsentUs(exchanges);
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
  return `the pool of ${name === undefined ? 'the library' : withVersion(scene, name)} was full (${calledOf(frame)}, ${placeOf(frame)})`;
}

function referenceOf(name: string): string | null {
  if (/aiohttp/i.test(name)) return 'aio-libs/aiohttp#353';
  if (/httpcore|httpx/i.test(name)) return 'encode/httpx#1171';
  if (/requests|urllib3/i.test(name)) return 'psf/requests#2400';
  if (/scrapy/i.test(name)) return 'scrapy/scrapy#5083';
  if (/undici/i.test(name)) return 'nodejs/undici#77';
  if (/agent/i.test(name)) return 'sindresorhus/got#32';
  return null;
}
