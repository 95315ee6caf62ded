import type { Limit } from '../../trace/index.ts';
import type { Cause } from '../scene/cause.ts';
import { hostOf, type LookUp, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import { limitEvidence, limitsAt } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';
import { extent } from '../spans.ts';
import { dnsBlocksLoop } from './dns-blocks-loop.ts';

const LIBUV = 'libuv threads';
/** Where asyncio looks names up, beside all else that it is given. */
const ASYNCIO = 'asyncio default executor max_workers';

/** How many names are looked up at once in a pool of threads; undefined where it is for something else. */
function mostAtOnce({ kind, of, size }: Limit): number | undefined {
  // libuv lets slow work, getaddrinfo, have half of its threads (src/threadpool.c, slow_work_thread_threshold).
  if (of === LIBUV) return (size + 1) >> 1;
  return kind === 'name-threads' || of === ASYNCIO ? size : undefined;
}

/** Look-ups that wait for one of few threads: they end a few at a time, each after as long as one takes alone. */
export function dnsThreads(scene: Scene): Cause | undefined {
  const found = lookUps(scene);
  const hosts = new Set(found.map(({ connection }) => hostOf(connection.origin))).size;
  if (hosts < 5 || lookUpShare(scene) < 0.2) return undefined;
  for (const limit of scene.limits) {
    const most = mostAtOnce(limit);
    if (most !== undefined && found.length >= 3 * most && endsInPortions(found, most))
      return causeOf(scene, found, limit, most);
  }
  const most = dnsBlocksLoop(scene) === undefined ? atOnce(scene, found) : undefined;
  if (most === undefined || found.length < 3 * most) return undefined;
  return causeOf(scene, found, limitsAt(scene, ['workers'], most)[0], most);
}

/** How many look-ups ran at once, as the threads that made them tell; or none but one, as their ends do. */
function atOnce(scene: Scene, found: readonly LookUp[]): number | undefined {
  const carriers = new Set(scene.exchanges.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
  const blocks = scene.blocks.filter(
    (block) => block.wait.kind === 'name' && !carriers.has(`${block.pid}:${block.thread}`),
  );
  const { busyUs, max, sumUs } = extent({
    starts: Float64Array.from(blocks, ({ fromUs }) => fromUs).sort(),
    ends: Float64Array.from(blocks, ({ toUs }) => toUs).sort(),
  });
  if (blocks.length >= 0.8 * found.length && max > 0)
    return sumUs >= MOSTLY_FULL * max * busyUs ? max : undefined;
  return endsInPortions(found, 1) && isOneByOne(found) ? 1 : undefined;
}

const MOSTLY_FULL = 0.7;

/** Whether all were wanted from the beginning and they ended at even distances: chance makes no ten such. */
function isOneByOne(found: readonly LookUp[]): boolean {
  const ends = found.map(({ toUs }) => toUs);
  const gaps = ends.slice(1).map((time, index) => time - ends[index]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const begun = found.filter(({ fromUs }) => fromUs <= ends[0]!).length;
  return (
    found.length >= 10 &&
    begun >= 0.8 * found.length &&
    gaps.every((gap) => gap >= 0.5 * mean && gap <= 1.5 * mean)
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
  return tookUs >= 0.66 * expectedUs && tookUs <= 1.5 * expectedUs;
}

function causeOf(scene: Scene, found: readonly LookUp[], limit: Limit | undefined, most: number): Cause {
  const once = found[0]!.toUs - found[0]!.fromUs;
  const isLibuv = limit?.of === LIBUV;
  return {
    id: 'dns-threads',
    confidence: 'likely',
    text: `Names are looked up ${most === 1 ? 'one' : most} at a time (DNS, ${seconds(once)} each)${poolText(limit)}.`,
    share: lookUpWallShare(scene),
    evidence: [
      ...(limit === undefined ? [] : [limitEvidence(limit)]),
      `${found.length} look-ups ended in portions of ${most}: the first after ${seconds(once)}, the last after ${seconds(found.at(-1)!.toUs - found[0]!.fromUs)}`,
    ],
    remedy: isLibuv
      ? 'Raise UV_THREADPOOL_SIZE before Node starts, keep looked-up addresses, or give the agent a `lookup` made of dns.resolve.'
      : `${limit === undefined ? 'Let more be looked up at once' : `Raise ${limit.of}`}, keep looked-up addresses, or use a resolver without threads.`,
    reference: isLibuv ? 'nodejs/node#8436' : 'gevent/gevent#1088',
  };
}

function poolText(limit: Limit | undefined): string {
  if (limit === undefined) return '';
  if (limit.of === LIBUV)
    return `: getaddrinfo runs in libuv's pool of ${limit.size} threads, of which look-ups may take half`;
  return `: getaddrinfo runs in a pool of ${limit.size} threads (${limit.of})`;
}
