import { threadOf } from '../../diagnose/browser.ts';
import { type Block, countWhile } from '../../trace/browser.ts';

/** Stretches of time in order, that do not touch: from, to, from, to, ... in microseconds. */
export type Stretches = readonly number[];

/** More stretches than these are drawn as fewer, longer ones: nobody can tell them apart. */
const MOST_STRETCHES = 64;
/** Stretches that are closer than this part of the time looked at are drawn as one. */
const CLOSE = 1 / 128;

/** When threads ('pid:thread') were held by what they did for somebody. */
export class HeldTime {
  readonly #threads: ReadonlyMap<string, ThreadBlocks>;

  constructor(blocks: readonly Block[]) {
    this.#threads = new Map(
      [...Map.groupBy(blocks, threadOf)].map(([thread, own]) => [thread, new ThreadBlocks(own)]),
    );
  }

  /** When the thread was held between two moments, what it did for the given connection left out. */
  within(thread: string, fromUs: number, toUs: number, butFor: number | null = null): Stretches {
    return this.#threads.get(thread)?.within(fromUs, toUs, butFor) ?? [];
  }
}

/** The blocks of one thread; joined, where they are closer than a distance, once that is asked for. */
class ThreadBlocks {
  readonly #ofConnection: ReadonlyMap<number, Stretches>;
  /** The stretches in which it was held, and the same with ever larger gaps closed. */
  readonly #levels: Stretches[];

  constructor(blocks: readonly Block[]) {
    const inOrder = blocks.toSorted((a, b) => a.fromUs - b.fromUs);
    this.#levels = [unionOf(inOrder)];
    this.#ofConnection = new Map(
      [...Map.groupBy(inOrder, ({ wait }) => (wait.connections?.length === 1 ? wait.connections[0]! : NONE))]
        .filter(([connection]) => connection !== NONE)
        .map(([connection, own]) => [connection, unionOf(own)]),
    );
  }

  within(fromUs: number, toUs: number, butFor: number | null): Stretches {
    let level = 0;
    let found = cut(this.#level(level), fromUs, toUs);
    while (found.length > 2 * MOST_STRETCHES) found = cut(this.#level(++level), fromUs, toUs);
    const own = butFor === null ? undefined : this.#ofConnection.get(butFor);
    const others = own === undefined ? found : without(found, cut(own, fromUs, toUs));
    return joined(others, (toUs - fromUs) * CLOSE);
  }

  #level(level: number): Stretches {
    while (this.#levels.length <= level)
      this.#levels.push(joined(this.#levels.at(-1)!, 500 * 2 ** this.#levels.length));
    return this.#levels[level]!;
  }
}

const NONE = -1;

function unionOf(inOrder: readonly Block[]): Stretches {
  const stretches: number[] = [];
  for (const { fromUs, toUs } of inOrder) {
    const last = stretches.length - 1;
    if (last > 0 && fromUs <= stretches[last]!) stretches[last] = Math.max(stretches[last]!, toUs);
    else stretches.push(fromUs, toUs);
  }
  return stretches;
}

function joined(stretches: Stretches, closerThanUs: number): Stretches {
  const result: number[] = [];
  for (let at = 0; at < stretches.length; at += 2) {
    const last = result.length - 1;
    if (last > 0 && stretches[at]! - result[last]! < closerThanUs) result[last] = stretches[at + 1]!;
    else result.push(stretches[at]!, stretches[at + 1]!);
  }
  return result;
}

function cut(stretches: Stretches, fromUs: number, toUs: number): Stretches {
  // The first whose end is later: ends and starts are in order together.
  const before = countWhile(stretches, (time) => time <= fromUs);
  const result: number[] = [];
  for (let at = before & ~1; at < stretches.length && stretches[at]! < toUs; at += 2)
    result.push(Math.max(stretches[at]!, fromUs), Math.min(stretches[at + 1]!, toUs));
  return result;
}

function without(stretches: Stretches, others: Stretches): Stretches {
  const result: number[] = [];
  let other = 0;
  for (let at = 0; at < stretches.length; at += 2) {
    let from = stretches[at]!;
    const to = stretches[at + 1]!;
    while (other < others.length && others[other + 1]! <= from) other += 2;
    for (let next = other; next < others.length && others[next]! < to; next += 2) {
      if (others[next]! > from) result.push(from, others[next]!);
      from = Math.max(from, others[next + 1]!);
    }
    if (from < to) result.push(from, to);
  }
  return result;
}
