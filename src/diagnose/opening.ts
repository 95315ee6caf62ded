import type { Block } from '../trace/index.ts';
import type { Cell } from './cell.ts';
import type { Evidence } from './evidence.ts';
import { computingOf } from './own-work.ts';
import { timeIn } from './spans.ts';
import { threadOf } from './threads.ts';

/** How much of the time before a moment a thread ('pid:thread') waited for one connection alone, and for which. */
export type WaitsBefore = ReadonlyMap<string, ConnectionWaits>;

interface ConnectionWaits {
  readonly forAny: (time: number) => number;
  /** By the connection's id. */
  readonly blocks: ReadonlyMap<number, readonly Block[]>;
}

/** When threads waited for one connection, or did something of their own, and could look after no other one. */
export function waitsForOne(evidence: Evidence): WaitsBefore {
  const byThread = Map.groupBy(blocksForOne(evidence), threadOf);
  return new Map(
    [...byThread].map(([thread, own]) => [
      thread,
      { forAny: timeIn(own), blocks: Map.groupBy(own, ({ wait }) => wait.connections?.[0] ?? NONE) },
    ]),
  );
}

/** The blocks in which a thread waited for one connection, or did something of its own. */
export function blocksForOne(evidence: Evidence): readonly Block[] {
  const own = new Set(computingOf(evidence).own);
  // An attempt that came to nothing is a part of the opening.
  const dead = new Set(
    evidence.connection.flatMap(({ id, connectedUs }) => (connectedUs === null ? id : [])),
  );
  return evidence.block.filter(
    (block) =>
      block.thread !== undefined &&
      ((isForOne(block) && !dead.has(block.wait.connections![0]!)) || isForNone(block) || own.has(block)),
  );
}

/** An epoll of one descriptor may have others added to it by the time that they matter. */
function isForOne({ wait: { call, connections, descriptors = 1 } }: Block): boolean {
  return connections?.length === 1 && descriptors <= 1 && call !== 'epoll_wait' && call !== 'await';
}

/** Sleeps, waits for child processes, and loops that do not turn. */
function isForNone({ wait: { kind, call } }: Block): boolean {
  return kind === 'sleep' || kind === 'child' || call === 'loop';
}

const NONE = -1;

/**
 * How long, in all, connections could not go on opening because their thread waited for another one. That is a
 * blocked thread, not a slow connection: it counts as the step `sent`.
 */
export function heldOpeningUs(cells: readonly Cell[], waits: WaitsBefore): number {
  let sumUs = 0;
  for (const { openings } of cells) {
    for (const [thread, triples] of openings) {
      const waiting = waits.get(thread);
      if (waiting === undefined) continue;
      for (let at = 0; at < triples.length; at += 3)
        sumUs += forOthersUs(waiting, triples[at]!, triples[at + 1]!, triples[at + 2]!);
    }
  }
  return sumUs;
}

function forOthersUs(
  { forAny, blocks }: ConnectionWaits,
  fromUs: number,
  toUs: number,
  connection: number,
): number {
  const allUs = forAny(toUs) - forAny(fromUs);
  const own = blocks.get(connection);
  if (own === undefined) return allUs;
  const forIt = timeIn(own);
  return Math.max(0, allUs - (forIt(toUs) - forIt(fromUs)));
}
