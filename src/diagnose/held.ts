import type { Block } from '../trace/index.ts';
import type { Cell } from './fold.ts';
import { timeAtLevel } from './spans.ts';

/** Waits in which a thread can do something else, or that are nobody's work. */
const FREE = new Set(['epoll_wait', 'kevent', 'io_uring_enter', 'futex', 'nagle']);

/** For a thread ('pid:thread'): how much of the time before a moment it was held. */
export type HeldBefore = ReadonlyMap<string, (time: number) => number>;

/** When threads were held: by CPU, sleep, or a wait for one descriptor alone. */
export function heldThreads(blocks: readonly Block[]): HeldBefore {
  const held = blocks.filter((block) => block.thread !== undefined && isHolding(block));
  const byThread = Map.groupBy(held, ({ pid, thread }) => `${pid}:${thread}`);
  return new Map(
    [...byThread].map(([thread, own]) => {
      const starts = Float64Array.from(own, ({ fromUs }) => fromUs).sort();
      const ends = Float64Array.from(own, ({ toUs }) => toUs).sort();
      return [thread, timeAtLevel({ starts, ends }, 1)];
    }),
  );
}

function isHolding(block: Block): boolean {
  return !FREE.has(block.in) && (block.descriptors ?? 1) <= 1;
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
