import type { Limit } from '../../trace/index.ts';
import type { Cause } from './cause.ts';
import { hostOf, type LookUp, lookUpShare, lookUps, lookUpWallShare } from './names.ts';
import { limitEvidence } from './plateau.ts';
import type { Scene } from './scene.ts';
import { seconds } from './waiting.ts';

/** Pools of threads in which names are looked up, and how many of theirs may do that at once. */
const POOLS: readonly { readonly name: RegExp; readonly most: (threads: number) => number }[] = [
  // libuv lets slow work, getaddrinfo, have half of its threads (src/threadpool.c, slow_work_thread_threshold).
  { name: /^libuv threads$/, most: (threads) => (threads + 1) >> 1 },
  { name: /^gevent resolver threads$|default executor/, most: (threads) => threads },
];

/** Look-ups that wait for one of few threads: they end a few at a time, each after as long as one takes alone. */
export function dnsThreads(scene: Scene): Cause | undefined {
  const found = lookUps(scene);
  const hosts = new Set(found.map(({ connection }) => hostOf(connection.origin))).size;
  if (hosts < 5 || lookUpShare(scene) < 0.2) return undefined;
  for (const limit of scene.limits) {
    const pool = POOLS.find(({ name }) => name.test(limit.name));
    const most = pool?.most(limit.value);
    if (most !== undefined && found.length >= 3 * most && endsInPortions(found, most))
      return causeOf(scene, found, limit, most);
  }
  return undefined;
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

function causeOf(scene: Scene, found: readonly LookUp[], limit: Limit, most: number): Cause {
  const once = found[0]!.toUs - found[0]!.fromUs;
  const isLibuv = limit.name === 'libuv threads';
  return {
    id: 'dns-threads',
    confidence: 'likely',
    text: `Names are looked up ${most} at a time (DNS, ${seconds(once)} each): getaddrinfo runs in ${isLibuv ? `libuv's pool of ${limit.value} threads, of which look-ups may take half` : `a pool of ${limit.value} threads (${limit.name})`}.`,
    share: lookUpWallShare(scene),
    evidence: [
      limitEvidence(limit),
      `${found.length} look-ups ended in portions of ${most}: the first after ${seconds(once)}, the last after ${seconds(found.at(-1)!.toUs - found[0]!.fromUs)}`,
    ],
    remedy: isLibuv
      ? 'Raise UV_THREADPOOL_SIZE before Node starts, keep looked-up addresses, or give the agent a `lookup` made of dns.resolve.'
      : `Raise ${limit.name}, keep looked-up addresses, or use a resolver without threads.`,
    reference: isLibuv ? 'nodejs/node#8436' : 'gevent/gevent#1088',
  };
}
