import type { UnitType } from '../../trace/index.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { setPlaces } from '../scene/modules.ts';
import { limitSeen, limitText, peakOf, plateauSeen } from '../scene/plateau.ts';
import type { Scene, Seen } from '../scene/scene.ts';
import { threadOf } from '../threads.ts';
import { NEARLY_ALL } from '../thresholds.ts';

/** Few units of work make all the requests, each of them one after another: the work was handed out in large pieces. */
export const chunks = rule({
  id: 'chunks',
  step: 'dispatched',
  means:
    'few units of work make all requests, each one after another: the work was handed out in large pieces',
  toldFrom:
    'as many requests at once as there are units of work, each of which makes several, none of which needs an answer',
  fix: {
    any: 'Hand out each request by itself, or in more and smaller pieces, to as many workers as the server can take.',
    python:
      'Hand out each request by itself (`chunksize=1` in `map` of a pool), or in more and smaller pieces, to as many workers as the server can take.',
  },
  sure: 'likely',
  references: [
    {
      language: 'python',
      url: 'https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.map',
      title: 'Executor.map: chunksize',
    },
  ],
  yieldsTo: [
    'queue',
    'pacing',
    'rate-limit',
    'semaphore',
    'lock',
    'polled-lock',
    'connection-limit',
    'worker-limit',
    'one-worker',
    'stream-limit',
    'batch-barrier',
    'blocking-call',
    'two-trips',
  ],
  find: (scene) => {
    const plateau = peakOf(scene);
    if (plateau === undefined) return undefined;
    const makers = makersOf(scene, plateau.level);
    if (makers === undefined) return undefined;
    const [seen] = scene.exchanges as [Seen];
    const own = ownFrame(scene.framesOf(seen.exchange.stack));
    const more = scene.limits.find(({ kind, size }) => kind === 'workers' && size > plateau.level);
    const at = own === undefined ? '' : ` (${placeOf(own)})`;
    return {
      confidence: 'likely',
      share: scene.lostUnsentShare,
      text: `At most ${plateau.level} at a time: ${makers.count} ${makers.name} make all ${scene.exchanges.length} requests, each one after another${at}.`,
      because: [
        'No answer is needed for the next one.',
        ...(more === undefined ? [] : [`There are more workers: ${limitText(more, scene)}.`]),
      ],
      places: [...placesOf(own), ...setPlaces(scene, more?.setAt)],
      evidence: [plateauSeen(plateau), ...(more === undefined ? [] : [limitSeen(more)])],
    };
  },
});

/** Fewer are no piece of work. */
const LEAST_EACH = 2;
/** So much of its time each has a request under way: what it does otherwise is not what holds the others up. */
const LEAST_BUSY = 0.7;

const NAMES: ReadonlyMap<UnitType | undefined, string> = new Map([
  ['executor-item', 'items of work'],
  ['queue-item', 'items of work'],
  ['greenlet', 'greenlets'],
  ['task', 'tasks'],
  ['thread', 'threads'],
  ['process', 'processes'],
]);

/** The units that make the requests, or else the threads: undefined where there are more of them than requests at once. */
function makersOf(
  scene: Scene,
  level: number,
): { readonly count: number; readonly name: string } | undefined {
  const { exchanges, units } = scene;
  const byUnit = exchanges.every(({ exchange: { unit } }) => unit !== undefined)
    ? Map.groupBy(exchanges, ({ exchange }) => exchange.unit!)
    : undefined;
  if (byUnit !== undefined && arePieces([...byUnit.values()], level))
    return {
      count: byUnit.size,
      name: NAMES.get(units.get([...byUnit.keys()][0]!)?.type) ?? 'units of work',
    };
  // A worker that makes one after another as they are handed over has no more of them.
  const firstUs = Math.min(...exchanges.map(({ times }) => times.sent));
  const isLate = ({ exchange: { unit } }: Seen): boolean =>
    (units.get(unit ?? -1)?.madeUs ?? firstUs) > firstUs;
  if (exchanges.some(isLate)) return undefined;
  const byThread = Map.groupBy(exchanges, ({ exchange }) => threadOf(exchange));
  return arePieces([...byThread.values()], level) ? { count: byThread.size, name: 'threads' } : undefined;
}

/** Whether all are under way at once, and nearly all do several things, one after the other. */
function arePieces(pieces: readonly (readonly Seen[])[], level: number): boolean {
  if (pieces.length < 2 || level < NEARLY_ALL * pieces.length || level > pieces.length) return false;
  const inTurn = pieces.filter((own) => own.length >= LEAST_EACH && isInTurn(own));
  return inTurn.length >= NEARLY_ALL * pieces.length;
}

function isInTurn(own: readonly Seen[]): boolean {
  const inOrder = own.toSorted((a, b) => a.times.sent - b.times.sent);
  const busyUs = inOrder.reduce((sum, { times, endUs }) => sum + endUs - times.sent, 0);
  return (
    inOrder.slice(1).every(({ times }, at) => inOrder[at]!.endUs <= times.sent) &&
    busyUs >= LEAST_BUSY * (inOrder.at(-1)!.endUs - inOrder[0]!.times.sent)
  );
}
