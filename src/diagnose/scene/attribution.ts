import { type Block, countWhile } from '../../trace/index.ts';
import { overlapUs } from '../spans.ts';
import { threadOf, workerThreads } from '../threads.ts';
import { isHolding, isPoolQueue } from '../waits.ts';
import { ofScene, type Scene, type Seen, unsentUs } from './scene.ts';

/** Time in which an exchange was not sent yet, and a block that says what happened in it. */
export interface Attributed {
  readonly seen: Seen;
  readonly block: Block;
  readonly us: number;
}

/** What exchanges waited for by themselves, from wanted to sent. */
export const ownWaits = ofScene((scene): readonly Attributed[] => {
  const isAlone = lonelyThreads(scene);
  return scene.sample.flatMap((seen) => {
    const { thread, unit } = seen.exchange;
    const byUnit = unit === undefined ? [] : within(seen, scene.blocksOfUnit.get(unit));
    const byThread =
      thread === undefined ? [] : within(seen, scene.blocksOfThread.get(threadOf(seen.exchange)));
    return [...byUnit, ...byThread.filter(({ block }) => block.unit === undefined && isAlone(seen, block))];
  });
});

/** What held threads on which exchanges waited to be sent, though it was not done for those. */
export const holds = ofScene((scene): readonly Attributed[] => {
  const isAlone = lonelyThreads(scene);
  const isWorker = workerThreads(scene.evidence);
  return scene.sample.flatMap((seen) => {
    const thread = threadOf(seen.exchange);
    if (isWorker(thread)) return []; // such a thread does one thing after the other
    const own = within(seen, scene.blocksOfThread.get(thread));
    const queued = own.filter(({ block }) => isItsQueue(seen, block));
    return own.filter(
      ({ block }) =>
        isHolding(block) &&
        !isFor(seen, block) &&
        !isAlone(seen, block) &&
        !queued.some(
          (queue) => overlapUs(queue.block.fromUs, queue.block.toUs, block.fromUs, block.toUs) > 0,
        ),
    );
  });
});

/** A unit in the queue of a pool waits for a free thread, whatever the threads do. */
function isItsQueue({ exchange }: Seen, block: Block): boolean {
  return isPoolQueue(block) && block.unit === exchange.unit;
}

/** Whether a thread was blocked for this exchange itself. Its connection belonged to another until it was dispatched. */
function isFor({ exchange, times }: Seen, { wait, unit, toUs }: Block): boolean {
  if (typeof exchange.connection === 'number' && wait.connections?.includes(exchange.connection))
    return toUs > times.dispatched;
  return unit !== undefined && unit === exchange.unit;
}

/** Whether an exchange was the only one open on its thread, in the middle of a block. */
function lonelyThreads({ exchanges }: Scene): (seen: Seen, block: Block) => boolean {
  const byThread = Map.groupBy(exchanges, ({ exchange }) => threadOf(exchange));
  const openAt = new Map(
    [...byThread].map(([thread, own]) => {
      const starts = Float64Array.from(own, ({ times }) => times.wanted).sort();
      const ends = Float64Array.from(own, ({ endUs }) => endUs).sort();
      return [
        thread,
        (time: number) =>
          countWhile(starts, (start) => start <= time) - countWhile(ends, (end) => end <= time),
      ] as const;
    }),
  );
  return ({ exchange }, { fromUs, toUs }) => openAt.get(threadOf(exchange))!((fromUs + toUs) / 2) <= 1;
}

function within(seen: Seen, blocks: readonly Block[] = []): Attributed[] {
  const untilUs = Math.min(seen.times.sent, seen.endUs);
  return blocks.flatMap((block) => {
    const us = overlapUs(block.fromUs, block.toUs, seen.times.wanted, untilUs);
    return us > 0 ? [{ seen, block, us }] : [];
  });
}

/**
 * The part of the time before sending that blocks account for, 0 to 1: of the exchanges given, an exchange's own
 * time at most once.
 */
export function explained(found: readonly Attributed[], of: readonly Seen[]): number {
  const total = unsentUs(of);
  if (total === 0) return 0;
  const byExchange = new Map<Seen, number>();
  for (const { seen, us } of found) byExchange.set(seen, (byExchange.get(seen) ?? 0) + us);
  let sum = 0;
  for (const [seen, us] of byExchange) sum += Math.min(us, unsentUs([seen]));
  return sum / total;
}
