import type { Block, Frame, Resource } from '../../trace/index.ts';
import { criticalPath, waitedOnPath } from '../critical-path.ts';
import { msOf, type Observation } from '../found.ts';
import { type CodeLine, ownFrame, placesOf, toPlace } from '../languages/frames.ts';
import { type Attributed, explained, holds, ownWaits } from '../scene/attribution.ts';
import { ofScene, type Scene, type Seen, unsentUs, waited } from '../scene/scene.ts';
import { overlapUs, timeIn } from '../spans.ts';
import { LEAST_BLAMED, MOSTLY } from '../thresholds.ts';
import { type ClassifiedWait, isForLimit, type WaitClass, waitOf } from '../waits.ts';

/** Waits of one kind: how much they explain, and where they were. */
export interface Waiting {
  /** Each wait, with the exchange that it delayed. */
  readonly each: readonly WaitBefore[];
  /** What the recorder says of the resource that most of the time was waited for. */
  readonly resource: Resource | undefined;
  /** The part of the time before sending, of the exchanges whose waits were seen. */
  readonly explained: number;
  /** The part of the wall time that was lost by it: never more than that in which somebody waited on the critical path. */
  readonly share: number;
  readonly exchanges: number;
  /** Where most of the time was waited. */
  readonly frame: Frame | undefined;
  /** The line of the program from which that was called. */
  readonly own: Frame | undefined;
  readonly places: readonly CodeLine[];
  readonly seen: Observation;
}

/** A wait before a request was sent, and what it was for. */
export interface WaitBefore extends Attributed {
  readonly classified: ClassifiedWait;
}

const waitsBefore = ofScene((scene): readonly WaitBefore[] => {
  const held = heldBefore(scene);
  return ownWaits(scene).flatMap((one) => {
    const told = waitOf(one.block, scene.framesOf(one.block.stack));
    return (told.kind === 'own-gate' || told.kind === 'gate') && isOfThread(one, held.get(one.seen))
      ? []
      : [{ ...one, classified: told }];
  });
});

/** For each exchange, how much of the time before a moment its thread was held by what it did for another one. */
function heldBefore(scene: Scene): ReadonlyMap<Seen, (time: number) => number> {
  const bySeen = Map.groupBy(holds(scene), ({ seen }) => seen);
  return new Map([...bySeen].map(([seen, held]) => [seen, timeIn(held.map(({ block }) => block))]));
}

/** Whether a unit that waits in its own code waits for its thread, which does something for another one. */
function isOfThread({ block }: Attributed, held: ((time: number) => number) | undefined): boolean {
  return held !== undefined && held(block.toUs) - held(block.fromUs) >= MOSTLY * (block.toUs - block.fromUs);
}

/** What pieces of work waited for, where that explains at least a fifth of their time; undefined otherwise. */
export function waitingBefore(scene: Scene, ...kinds: readonly WaitClass[]): Waiting | undefined {
  const found = waitsBefore(scene).filter(({ classified }) => kinds.includes(classified.kind));
  if (found.length === 0) return undefined;
  const part = kinds.some((kind) => LETS_GO.has(kind))
    ? explainedBeforeDispatch(scene, found)
    : explained(found, [...new Set(ownWaits(scene).map(({ seen }) => seen))]);
  if (part < LEAST_BLAMED) return undefined;
  const share = Math.min(scene.lostUnsentShare * part, onPath(scene, found) / (scene.toUs - scene.fromUs));
  if (share < LEAST_ON_PATH) return undefined;
  const most = heaviest(found);
  const own = ownFrame(scene.framesOf(most.block.stack));
  const exchanges = new Set(found.map(({ seen }) => seen)).size;
  const { frame } = most.classified;
  const totalUs = found.reduce((sum, { us }) => sum + us, 0);
  const { resource } = most.block.wait;
  return {
    each: found,
    resource: scene.evidence.resource.find(({ id }) => id === resource),
    explained: part,
    share,
    exchanges,
    frame,
    own,
    places: placesOf(own, frame),
    seen: {
      kind: 'waits',
      waits: found.length,
      exchanges,
      ms: msOf(totalUs),
      ...(frame !== undefined && { at: toPlace(frame) }),
    },
  };
}

/** Work that waits beside the critical path delays nothing: it is not blamed for the moments that it has on it. */
const LEAST_ON_PATH = 0.05;

const pathOf = ofScene((scene) =>
  criticalPath(
    scene.exchanges.map(({ exchange }) => exchange),
    scene.toUs,
  ),
);

/** How long somebody on the critical path held what was waited for in these blocks, or waited in one of them. */
function onPath(scene: Scene, found: readonly WaitBefore[]): number {
  const byAny = timeIn(found.map(({ block }) => block));
  const own = Map.groupBy(ownWaits(scene), ({ seen }) => seen.exchange.id);
  const foundOf = Map.groupBy(found, ({ seen }) => seen.exchange.id);
  return waitedOnPath(pathOf(scene)).reduce((sum, { fromUs, toUs, exchange, step, letsThrough }) => {
    // Of one whose own waits were seen, only those count; recorders see those of some.
    const isOwn = !letsThrough && (step !== 'dispatched' || own.has(exchange));
    const waited = isOwn ? timeIn((foundOf.get(exchange) ?? []).map(({ block }) => block)) : byAny;
    return sum + waited(toUs) - waited(fromUs);
  }, 0);
}

/** Waits between wanted and dispatched. */
const LETS_GO: ReadonlySet<WaitClass> = new Set([
  'connection-pool',
  'streams',
  'semaphore',
  'rate',
  'lock',
  'queue',
  'executor',
  'own-gate',
  'gate',
  'sleep',
]);

/** Whether a recorder saw waits before requests. */
export const seesWaits = ofScene(
  (scene): boolean =>
    isMoreThanTurns(scene, scene.evidence.block.filter(isForLimit)) ||
    waitsBefore(scene).some(({ classified: { kind } }) => kind === 'lock' || kind === 'rate'),
);

/** Whether waits are more than those for the turn of a promise or a lock that every program has. */
function isMoreThanTurns({ exchanges }: Scene, blocks: readonly Block[]): boolean {
  const us = blocks.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  return us > 0 && us >= LEAST_SEEN * waited(exchanges, 'dispatched');
}

/** So much of the wait of exchanges with blocks has to be seen for it to represent the rest. */
const LEAST_SEEN = 0.1;

/** Recorders see a part of the waits: what these were for is taken to hold for all waits before dispatch. */
function explainedBeforeDispatch(scene: Scene, found: readonly WaitBefore[]): number {
  const all = ownWaits(scene);
  const followed = [...new Set(all.map(({ seen }) => seen))];
  const seenUs = waitedUs(all);
  const ofAll = unsentUs(scene.exchanges);
  if (ofAll === 0 || seenUs === 0 || seenUs < LEAST_SEEN * waited(followed, 'dispatched')) return 0;
  return (waitedUs(found) / seenUs) * (waited(scene.exchanges, 'dispatched') / ofAll);
}

/** How long exchanges waited before dispatch in the blocks given: each no longer than it waited in all. */
function waitedUs(found: readonly Attributed[]): number {
  let us = 0;
  for (const [seen, own] of Map.groupBy(found, (one) => one.seen)) {
    const until = Math.min(seen.times.dispatched, seen.endUs);
    const ownUs = own.reduce(
      (sum, { block }) => sum + overlapUs(block.fromUs, block.toUs, seen.times.wanted, until),
      0,
    );
    us += Math.min(ownUs, until - seen.times.wanted);
  }
  return us;
}

/** One of the waits at the place where most time was waited. */
function heaviest(found: readonly WaitBefore[]): WaitBefore {
  const byStack = Map.groupBy(found, ({ block }) => block.stack);
  const sums = [...byStack.values()].map((own) => ({
    first: own[0]!,
    us: own.reduce((sum, { us }) => sum + us, 0),
  }));
  return sums.reduce((most, one) => (one.us > most.us ? one : most)).first;
}
