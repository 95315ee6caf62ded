import type { Limit } from '../../trace/index.ts';
import { placeOf } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { shortPlace } from '../scene/modules.ts';
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

/** A pool of threads, greenlets or other workers that has fewer than there is work for. */
export function workerLimit(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'executor');
  // Who is seen to wait in the queue waits there, though a busy machine may leave workers idle between.
  const plateau = waits === undefined ? plateauOf(scene) : peakOf(scene);
  if (plateau === undefined) return undefined;
  const limits = limitsAt(scene, ['workers'], plateau.level);
  const others = limitsAt(scene, CONNECTION_LIMITS, plateau.level);
  const known = scene.limits.filter(({ kind }) => kind === 'workers');
  if (limits.length === 0 && (others.length > 0 || known.length > 0 || waits === undefined)) return undefined;
  if (waits === undefined && others.length > 0) return undefined;
  const heldBack = waited(scene.exchanges, 'dispatched') / unsentUs(scene.exchanges);
  if (waits === undefined && heldBack < 0.5) return undefined;
  const [limit] = limits;
  return {
    id: plateau.level === 1 ? 'one-worker' : 'worker-limit',
    confidence: waits !== undefined && limit !== undefined ? 'certain' : 'likely',
    text: `At most ${plateau.level} at a time: ${limit === undefined ? workersText(plateau.level) : limitText(limit, scene)}${sizeText(scene, plateau.level, limit)}. Up to ${plateau.waiting} others waited in its queue.`,
    share: scene.lostUnsentShare * (waits?.explained ?? heldBack),
    evidence: [
      ...(limit === undefined ? [] : [limitEvidence(limit)]),
      `never more than ${plateau.level} let go at once while up to ${plateau.waiting} waited`,
      ...(waits?.evidence ?? []),
    ],
    remedy: remedyOf(scene, plateau.level, limit, waits),
    reference: referenceOf(limit),
  };
}

function workersText(level: number): string {
  return level === 1 ? 'one worker does all the work' : `${level} workers do all the work`;
}

/** Pools of threads are often made for computing: as many as there are CPUs. */
function sizeText({ evidence }: Scene, level: number, limit: Limit | undefined): string {
  const cpus = evidence.host?.cpus;
  if (cpus === undefined || limit === undefined) return '';
  if (level === cpus) return `, as many as CPUs`;
  if (level === Math.min(32, cpus + 4)) return ', min(32, CPUs + 4), the default of Python';
  return '';
}

function remedyOf(scene: Scene, level: number, limit: Limit | undefined, waits: Waiting | undefined): string {
  const what = limit === undefined ? 'more workers' : `a larger ${limit.of}`;
  const where = limit?.setAt ?? (waits?.own && placeOf(waits.own));
  const why = sizeText(scene, level, limit) === '' ? '' : ' Who waits needs no CPU.';
  return `Give it ${what}${where === undefined ? '' : ` (${shortPlace(where)})`}, if the server can take more at once.${why}`;
}

function referenceOf(limit: Limit | undefined): string {
  if (limit === undefined) return 'mondoohq/mql#4970';
  if (/default executor/.test(limit.of)) return 'python/cpython#18410';
  if (/ThreadPool processes/.test(limit.of)) return 'sentinel-hub/sentinelhub-py#84';
  return 'ross/requests-futures#69';
}
