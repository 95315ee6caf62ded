import type { Limit } from '../../trace/index.ts';
import { type Fix, msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { hostOf, type LookUp, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import { setPlaces } from '../scene/modules.ts';
import { limitSeen, limitsAt } from '../scene/plateau.ts';
import { fixFor } from '../scene/program.ts';
import type { Scene } from '../scene/scene.ts';
import { extent, spansOf } from '../spans.ts';
import { gapsBetween, mean } from '../statistics.ts';
import { threadOf } from '../threads.ts';
import { LEAST_BLAMED, NEARLY_ALL } from '../thresholds.ts';

const LIBUV = 'libuv threads';
/** Where asyncio looks names up, beside all else that it is given. */
const ASYNCIO = 'asyncio default executor max_workers';
const GEVENT = 'gevent resolver threads';
const GEVENT_MET = {
  url: 'https://github.com/gevent/gevent/issues/1904',
  title: "gevent dns resolver use threadpool, speed can't be improved!",
};
/** Of fewer hosts no pool of threads is used up. */
const LEAST_HOSTS = 5;
/** So many turns of a pool make portions: fewer may be chance. */
const LEAST_TURNS = 3;
/** The threads look names up all the time, but for what they need between two of them. */
const BUSY = 0.7;
/** Ends at even distances: chance makes no ten such. */
const LEAST_EVEN = 10;
const UNEVEN = 0.5;
/** Some names are answered sooner than the first; a busy machine answers all of them later. */
const SOONEST = 0.66;
const LATEST = 1.5;

const FIX: Fix = {
  any: 'Let more names be looked up at once, keep looked-up addresses, or use a resolver without threads.',
  node: 'Let more names be looked up at once, keep looked-up addresses, or use dns.resolve, which needs no threads.',
};
const LIBUV_FIX =
  'Raise UV_THREADPOOL_SIZE before Node starts, keep looked-up addresses, or give the agent a `lookup` made of dns.resolve.';

/** Look-ups that wait for one of few threads: they end a few at a time, each after as long as one takes alone. */
export const dnsThreads = rule({
  id: 'dns-threads',
  step: 'connected',
  means: 'names are looked up by few threads, or one after another',
  toldFrom: 'look-ups that end in portions, or threads that look up all the time',
  fix: FIX,
  sure: 'likely',
  references: [
    {
      language: 'node',
      url: 'https://github.com/nodejs/node/issues/8436',
      title: 'dns.lookup blocks filesystem I/O',
    },
  ],
  yieldsTo: ['dns-blocks-loop'],
  find: (scene) => {
    const found = lookUps(scene);
    const hosts = new Set(found.map(({ connection }) => hostOf(connection.origin))).size;
    if (hosts < LEAST_HOSTS || lookUpShare(scene) < LEAST_BLAMED) return undefined;
    const threads = threadsOf(scene, found);
    if (threads === undefined) return undefined;
    const { most, limit } = threads;
    const onceUs = found[0]!.toUs - found[0]!.fromUs;
    return {
      confidence: 'likely',
      share: lookUpWallShare(scene),
      text: `Names are looked up ${most === 1 ? 'one' : most} at a time (DNS, ${duration(onceUs)} each)${poolText(limit)}.`,
      places: setPlaces(scene, limit?.setAt),
      evidence: [
        ...(limit === undefined ? [] : [limitSeen(limit)]),
        {
          kind: 'portions',
          lookUps: found.length,
          atOnce: most,
          firstMs: msOf(onceUs),
          lastMs: msOf(found.at(-1)!.toUs - found[0]!.fromUs),
        },
      ],
      ...(limit?.of === GEVENT && { reference: GEVENT_MET }),
      fix: limit === undefined ? fixFor(scene, FIX) : limit.of === LIBUV ? LIBUV_FIX : raised(limit),
    };
  },
});

function raised({ of }: Limit): string {
  return `Raise ${of}, keep looked-up addresses, or use a resolver without threads.`;
}

interface Threads {
  readonly most: number;
  readonly limit: Limit | undefined;
}

function threadsOf(scene: Scene, found: readonly LookUp[]): Threads | undefined {
  for (const limit of scene.limits) {
    const most = mostAtOnce(limit);
    if (most !== undefined && found.length >= LEAST_TURNS * most && endsInPortions(found, most))
      return { most, limit };
  }
  const most = atOnce(scene, found);
  if (most === undefined || found.length < LEAST_TURNS * most) return undefined;
  return { most, limit: limitsAt(scene, ['workers'], most)[0] };
}

/** How many names are looked up at once in a pool of threads; undefined where it is for something else. */
function mostAtOnce({ kind, of, size }: Limit): number | undefined {
  // libuv lets slow work, getaddrinfo, have half of its threads (src/threadpool.c, slow_work_thread_threshold).
  if (of === LIBUV) return (size + 1) >> 1;
  return kind === 'name-threads' || of === ASYNCIO ? size : undefined;
}

/** How many look-ups ran at once, as the threads that made them tell; or none but one, as their ends do. */
function atOnce(scene: Scene, found: readonly LookUp[]): number | undefined {
  const carriers = new Set(scene.exchanges.map(({ exchange }) => threadOf(exchange)));
  const blocks = scene.blocks.filter((block) => block.wait.kind === 'name' && !carriers.has(threadOf(block)));
  const { busyUs, max, sumUs } = extent(spansOf(blocks));
  if (blocks.length >= NEARLY_ALL * found.length && max > 0)
    return sumUs >= BUSY * max * busyUs ? max : undefined;
  return endsInPortions(found, 1) && isOneByOne(found) ? 1 : undefined;
}

/** Whether all were wanted from the beginning and they ended at even distances. */
function isOneByOne(found: readonly LookUp[]): boolean {
  const gaps = gapsBetween(found.map(({ toUs }) => toUs));
  const meanUs = mean(gaps);
  const begun = found.filter(({ fromUs }) => fromUs <= found[0]!.toUs).length;
  return (
    found.length >= LEAST_EVEN &&
    begun >= NEARLY_ALL * found.length &&
    gaps.every((gap) => gap >= (1 - UNEVEN) * meanUs && gap <= (1 + UNEVEN) * meanUs)
  );
}

/**
 * Whether the n-th look-up ends when the threads have had time for n of them, and not for many more: within a third
 * of what that should take.
 */
function endsInPortions(found: readonly LookUp[], most: number): boolean {
  const fromUs = Math.min(...found.map((one) => one.fromUs));
  const onceUs = found[0]!.toUs - found[0]!.fromUs;
  if (onceUs <= 0) return false;
  const expectedUs = Math.ceil(found.length / most) * onceUs;
  const tookUs = found.at(-1)!.toUs - fromUs;
  return tookUs >= SOONEST * expectedUs && tookUs <= LATEST * expectedUs;
}

function poolText(limit: Limit | undefined): string {
  if (limit === undefined) return '';
  if (limit.of === LIBUV)
    return `: getaddrinfo runs in libuv's pool of ${limit.size} threads, of which look-ups may take half`;
  return `: getaddrinfo runs in a pool of ${limit.size} threads (${limit.of})`;
}
