import type { Limit } from '../../trace/index.ts';
import type { CauseFound, Reference } from '../found.ts';
import { placeOf } from '../languages/frames.ts';
import { setPlaces, shortPlace } from '../scene/modules.ts';
import {
  CONNECTION_LIMITS,
  limitSeen,
  limitsAt,
  limitText,
  peakOf,
  plateauOf,
  plateauSeen,
} from '../scene/plateau.ts';
import { languageOf } from '../scene/program.ts';
import { ofScene, type Scene, type Seen, unsentUs, waited } from '../scene/scene.ts';
import { threadOf } from '../threads.ts';
import { MOSTLY, NEARLY_ALL } from '../thresholds.ts';
import { heldBack } from './release.ts';
import { type Waiting, waitingBefore } from './waiting.ts';

/** A pool of threads, greenlets or other workers that has fewer than there is work for. */
export interface FewWorkers {
  readonly workers: number;
  readonly found: CauseFound;
}

/** Undefined where there is no such pool, or something else of the same number may be what is waited for. */
export const fewWorkers = ofScene((scene): FewWorkers | undefined => {
  const waits = waitingBefore(scene, 'executor');
  // Waits in the queue were seen: a busy machine may leave workers idle in between.
  const plateau = waits === undefined ? plateauOf(scene) : peakOf(scene);
  // Others may have made a request before them: a login.
  const late = waits === undefined ? heldBack(scene) : waits.each.map(({ seen }) => seen);
  if (plateau === undefined || isEachByItsOwn(scene, late)) return undefined;
  if (waits === undefined && isEachItemBegun(scene, plateau.level)) return undefined;
  const limits = limitsAt(scene, ['workers'], plateau.level);
  const others = limitsAt(scene, CONNECTION_LIMITS, plateau.level);
  const known = scene.limits.filter(({ kind }) => kind === 'workers');
  if (limits.length === 0 && (others.length > 0 || known.length > 0 || waits === undefined)) return undefined;
  if (waits === undefined && others.length > 0) return undefined;
  // More threads than that do the work: something else lets so few of them through.
  if (limits.length === 0 && carriersOf(late).size > plateau.level) return undefined;
  const undispatched = waited(scene.exchanges, 'dispatched') / unsentUs(scene.exchanges);
  if (waits === undefined && undispatched < MOSTLY) return undefined;
  // What has a permit before it is run does the same: Twisted's DeferredSemaphore.
  const [limit] = limits.length > 0 ? limits : limitsAt(scene, ['permits'], plateau.level);
  const { level } = plateau;
  const inRequests = scene.judgement.inFlight.mean / level;
  const isBusyOtherwise = inRequests < MOSTLY;
  const what = limit === undefined ? workersText(level) : limitText(limit, scene);
  return {
    workers: level,
    found: {
      confidence: waits !== undefined && limit !== undefined && !isBusyOtherwise ? 'certain' : 'likely',
      share: scene.lostUnsentShare * (waits?.explained ?? undispatched),
      text: `At most ${level} at a time: ${what}${sizeText(scene, level, limit)}.`,
      because: [
        `Up to ${plateau.waiting} others waited in its queue.`,
        ...(isBusyOtherwise
          ? [
              `Its workers were in requests for ${Math.round(100 * inRequests)}% of their time only: if something else than requests keeps them, more workers help little.`,
            ]
          : []),
      ],
      places: [...setPlaces(scene, limit?.setAt), ...(waits?.places ?? [])],
      evidence: [
        ...(limit === undefined ? [] : [limitSeen(limit)]),
        plateauSeen(plateau),
        ...(waits === undefined ? [] : [waits.seen]),
      ],
      fix: fixOf(scene, level, limit, waits),
      reference: referenceOf(limit),
    },
  };
});

/** Where hardly any thread made two requests, nobody waited for one to be free: they were started one after the other. */
function isEachByItsOwn({ exchanges }: Scene, late: readonly Seen[]): boolean {
  const carriers = carriersOf(late);
  const own = exchanges.filter(({ exchange }) => carriers.has(threadOf(exchange)));
  return carriers.size >= NEARLY_ALL * own.length;
}

/** Where there are no more items of work than are under way at once, none waits for a worker: each makes several requests. */
function isEachItemBegun({ exchanges, units }: Scene, level: number): boolean {
  const items = new Set(exchanges.map(({ exchange: { unit } }) => unit));
  return items.size <= level && [...items].every((id) => units.get(id ?? -1)?.type === 'executor-item');
}

/** The threads that make requests. */
function carriersOf(exchanges: readonly Seen[]): ReadonlySet<string> {
  return new Set(exchanges.map(({ exchange }) => threadOf(exchange)));
}

function workersText(level: number): string {
  return level === 1 ? 'one worker does all the work' : `${level} workers do all the work`;
}

/** Pools of threads are often made for computing: as many as there are CPUs. */
function sizeText(scene: Scene, level: number, limit: Limit | undefined): string {
  const cpus = scene.evidence.host?.cpus;
  if (cpus === undefined || limit?.kind !== 'workers') return '';
  if (level === cpus) return ', as many as CPUs';
  if (level === Math.min(32, cpus + 4) && languageOf(scene) === 'python')
    return ', min(32, CPUs + 4), the default of Python';
  return '';
}

const ASYNCIO = 'asyncio default executor max_workers';

/** How a larger pool is made, by the name of its limit. */
const CALLS: Readonly<Record<string, string>> = {
  [ASYNCIO]: 'loop.set_default_executor(ThreadPoolExecutor(32))',
  'ThreadPoolExecutor max_workers': 'ThreadPoolExecutor(max_workers=32)',
  'ProcessPoolExecutor max_workers': 'ProcessPoolExecutor(max_workers=32)',
  'multiprocessing.pool.ThreadPool processes': 'ThreadPool(32)',
  'multiprocessing.pool.Pool processes': 'Pool(32)',
};

function fixOf(scene: Scene, level: number, limit: Limit | undefined, waits: Waiting | undefined): string {
  const where = limit?.setAt ?? (waits?.own && placeOf(waits.own));
  const code = limit && CALLS[limit.of];
  const why = sizeText(scene, level, limit) === '' ? '' : ' Waiting workers need no CPU.';
  const more = `Give it more workers${where === undefined ? '' : ` (${shortPlace(where)})`}, if the server can take more at once`;
  return `${more}${code === undefined ? '' : `: \`${code}\``}.${why}`;
}

function referenceOf(limit: Limit | undefined): Reference | null {
  if (limit?.of === ASYNCIO)
    return {
      url: 'https://github.com/python/cpython/pull/13618',
      title: 'bpo-35279: reduce default max_workers of ThreadPoolExecutor',
    };
  if (limit?.of === 'ThreadPoolExecutor max_workers')
    return {
      url: 'https://github.com/ross/requests-futures/pull/69',
      title: 'Increase max_workers default value to 8',
    };
  return null;
}
