import type { Block, Exchange } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { threadOf } from '../threads.ts';

/** Something that does one thing after the other: a unit of work, or a thread that is none. */
export interface Actor {
  /** In the order in which they were called. */
  readonly exchanges: readonly Exchange[];
  /** When it was made, where it is a unit of work that somebody saw being made. */
  readonly madeUs: number | undefined;
}

/** The exchanges by the actor that made them, and the actor of each block. */
export interface Actors {
  readonly all: ReadonlyMap<string, Actor>;
  ofBlock(block: Block): string;
  nameOf(exchange: Exchange): string;
}

/** Groups exchanges by the actor that made them. What only the system calls saw of a thread belongs to its one unit. */
export function actorsOf({ exchange: exchanges, unit: units }: Evidence): Actors {
  const made = new Map(units.map(({ id, madeUs }) => [id, madeUs]));
  const unitsOfThread = new Map(
    [...Map.groupBy(exchanges, threadOf)].map(([thread, own]) => [
      thread,
      new Set(own.map(({ unit }) => unit)),
    ]),
  );
  const own = Map.groupBy(exchanges, (exchange) => nameOf(exchange.unit, threadOf(exchange)));
  return {
    all: new Map(
      [...own].map(([name, of]) => [
        name,
        {
          exchanges: of.toSorted(byCall),
          madeUs: of[0]!.unit === undefined ? undefined : made.get(of[0]!.unit),
        },
      ]),
    ),
    nameOf: (exchange) => nameOf(exchange.unit, threadOf(exchange)),
    ofBlock: (block) => {
      const [only, ...others] = unitsOfThread.get(threadOf(block)) ?? [];
      return nameOf(block.unit ?? (others.length === 0 ? only : undefined), threadOf(block));
    },
  };
}

function nameOf(unit: number | undefined, thread: string): string {
  return unit === undefined ? thread : `unit ${unit}`;
}

function byCall(a: Exchange, b: Exchange): number {
  return calledUs(a) - calledUs(b);
}

/** When an exchange's library was called, as far as it is known. */
export function calledUs({ calledUs: called, dispatchedUs, sentUs }: Exchange): number {
  return called ?? dispatchedUs ?? sentUs ?? Infinity;
}

/** Sleeps are of the thread that sleeps, or else of the task that does. */
export function sleeperOf(of: Pick<Exchange, 'pid' | 'thread' | 'unit'>): string {
  return of.thread === undefined ? `unit ${of.unit}` : threadOf(of);
}
