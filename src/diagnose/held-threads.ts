import type { Block } from '../trace/index.ts';
import type { Cell } from './cell.ts';
import type { Evidence } from './evidence.ts';
import { timeIn } from './spans.ts';
import { threadOf, workerThreads } from './threads.ts';
import { isHolding, isPoolQueue } from './waits.ts';

/** For a thread ('pid:thread'): how much of the time before a moment it was held. */
export type HeldBefore = ReadonlyMap<string, (time: number) => number>;

/**
 * When threads were held: by CPU, sleep, or a wait for one descriptor alone. A thread that does one thing after the other
 * holds nobody else.
 */
export function heldThreads(evidence: Evidence): HeldBefore {
  const blocks = loopBlocks(evidence);
  const held = Map.groupBy(blocks.filter(isHolding), threadOf);
  // What waits in the queue of a pool waits for one of its threads to be free: that is the pool's limit.
  const queued = Map.groupBy(blocks.filter(isPoolQueue), threadOf);
  return new Map(
    [...held].map(([thread, own]) => {
      const queues = queued.get(thread);
      return [thread, queues === undefined ? timeIn(own) : timeInButNotIn(own, queues)];
    }),
  );
}

/** The blocks that held a thread on which others waited. */
export function holdingBlocks(evidence: Evidence): readonly Block[] {
  return loopBlocks(evidence).filter(isHolding);
}

function loopBlocks(evidence: Evidence): readonly Block[] {
  const isWorker = workerThreads(evidence);
  return evidence.block.filter((block) => block.thread !== undefined && !isWorker(threadOf(block)));
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
