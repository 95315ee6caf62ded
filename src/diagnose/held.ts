import type { Block, Exchange } from '../trace/index.ts';
import type { Cell } from './cell.ts';
import { timeIn } from './spans.ts';
import { isHolding, isPoolQueue } from './waits.ts';

/** For a thread ('pid:thread'): how much of the time before a moment it was held. */
export type HeldBefore = ReadonlyMap<string, (time: number) => number>;

/**
 * When threads were held: by CPU, sleep, or a wait for one descriptor alone. A thread that works for one unit alone holds
 * nobody else.
 */
export function heldThreads(blocks: readonly Block[], exchanges: readonly Exchange[]): HeldBefore {
  const isOfOne = threadsOfOneUnit(exchanges);
  const ofThreads = blocks.filter((block) => block.thread !== undefined && !isOfOne(threadOf(block)));
  const held = Map.groupBy(ofThreads.filter(isHolding), threadOf);
  // What waits in the queue of a pool waits for one of its threads to be free: that is the pool's limit.
  const queued = Map.groupBy(ofThreads.filter(isPoolQueue), threadOf);
  return new Map(
    [...held].map(([thread, own]) => {
      const queues = queued.get(thread);
      return [thread, queues === undefined ? timeIn(own) : timeInButNotIn(own, queues)];
    }),
  );
}

/** Tells the threads ('pid:thread') all exchanges of which are of one unit of work. */
export function threadsOfOneUnit(exchanges: readonly Exchange[]): (thread: string) => boolean {
  const units = new Map<string, number | undefined>();
  for (const exchange of exchanges) {
    const thread = threadOf(exchange);
    const unit = units.has(thread) && units.get(thread) !== exchange.unit ? undefined : exchange.unit;
    units.set(thread, unit);
  }
  return (thread) => units.get(thread) !== undefined;
}

function threadOf({ pid, thread }: Pick<Exchange, 'pid' | 'thread'>): string {
  return `${pid}:${thread}`;
}

type TimeBefore = (time: number) => number;

function timeInButNotIn(blocks: readonly Block[], others: readonly Block[]): TimeBefore {
  const either = timeIn([...blocks, ...others]);
  const outside = timeIn(others);
  return (time) => either(time) - outside(time);
}

/**
 * How long, in all, the exchanges had been handed over and their thread was held by what it did for another one.
 * That is a blocked thread, not a limit: it counts as the step `sent`. An exchange's own waits come after its call.
 */
export function heldUs(cells: readonly Cell[], held: HeldBefore): number {
  let sumUs = 0;
  for (const { handovers } of cells) {
    for (const [thread, pairs] of handovers) {
      const before = held.get(thread);
      if (before === undefined) continue;
      for (let at = 0; at < pairs.length; at += 2) sumUs += before(pairs[at + 1]!) - before(pairs[at]!);
    }
  }
  return sumUs;
}
