import { calledOf, type Evidence, isLibrary, placeOf, threadOf } from '../../diagnose/browser.ts';
import { type Block, countWhile, type Exchange, type Frame } from '../../trace/browser.ts';
import { type BlockClass, classOf } from './lanes.ts';
import type { TimeColumns } from './times.ts';

/**
 * A frame of the flame graph: a function at a line, and how long requests waited below it. The leaves are the calls that
 * waited.
 */
export interface FlameNode {
  /** 'urllib3.connection.connect'; of a leaf the call: 'poll'. */
  readonly name: string;
  /** 'urllib3/connection.py:105'; of a leaf: ''. */
  readonly place: string;
  /** Whether it is the program's own code. */
  readonly isOwn: boolean;
  /** Of a leaf: what the thread did. */
  readonly leaf: BlockClass | null;
  /** The sum over requests of the time that each waited, in microseconds. */
  readonly us: number;
  /** How many blocks are below it. */
  readonly blocks: number;
  /** The heaviest first. */
  readonly children: readonly FlameNode[];
  readonly depth: number;
  /** Where it begins: the sum of what is left of it. */
  readonly fromUs: number;
}

export interface Flame {
  readonly root: FlameNode;
  /** How many frames are above each other. */
  readonly depth: number;
  /** How long all requests waited, in microseconds, whether a stack was seen or not. */
  readonly waitedUs: number;
}

interface Growing {
  readonly name: string;
  readonly place: string;
  readonly isOwn: boolean;
  readonly leaf: BlockClass | null;
  us: number;
  blocks: number;
  readonly children: Map<string, Growing>;
}

/**
 * The stacks in which threads and units were while requests waited to be sent, weighted by the time that requests
 * waited in them, added up: a block of one second on a loop that holds up nine requests weighs nine. A loop that waits for many at once holds none up.
 * `isLate`: answers were there and were not read, so requests waited until their end while their thread did something else.
 */
export function flameOf(
  evidence: Evidence,
  exchanges: readonly Exchange[],
  times: TimeColumns,
  isLate = false,
): Flame {
  const stacks = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const threads = new Waiting();
  const units = new Waiting();
  let waitedUs = 0;
  exchanges.forEach((exchange, at) => {
    const [from, to] = [times.wanted[at]!, (isLate ? times.end : times.sent)[at]!];
    if (times.isTimed[at] === 0 || to <= from) return;
    waitedUs += to - from;
    if (exchange.thread !== undefined) threads.add(threadOf(exchange), from, to);
    if (exchange.unit !== undefined) units.add(String(exchange.unit), from, to);
  });
  const root = growing('all', '', false, null);
  const seen = evidence.block.filter(({ stack }) => stacks.has(stack ?? -1));
  const held = new Map<string, Span[]>();
  for (const [thread, own] of Map.groupBy(
    seen.filter(({ thread }) => thread !== undefined),
    threadOf,
  )) {
    const spans: Span[] = [];
    for (const { block, frames, leaf, fromUs, toUs } of inTurn(own, stacks, isLate)) {
      const us = threads.sumUs(thread, fromUs, toUs);
      if (us > 0) grow(root, block, frames, leaf, us);
      spans.push({ fromUs, toUs });
    }
    held.set(thread, spans);
  }
  // While its thread is held, a unit waits for that, whatever it waits for itself.
  const threadOfUnit = new Map(exchanges.map((exchange) => [exchange.unit, threadOf(exchange)]));
  for (const [unit, own] of Map.groupBy(
    seen.filter(({ thread }) => thread === undefined),
    ({ unit }) => unit,
  )) {
    const others = held.get(threadOfUnit.get(unit) ?? '') ?? [];
    for (const { block, frames, leaf, fromUs, toUs } of inTurn(own, stacks, isLate)) {
      const us = without({ fromUs, toUs }, others).reduce(
        (sum, free) => sum + units.sumUs(String(unit), free.fromUs, free.toUs),
        0,
      );
      if (us > 0) grow(root, block, frames, leaf, us);
    }
  }
  const settled = settledNode(root, 0, 0);
  return { root: settled, depth: depthOf(settled), waitedUs };
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Turn extends Span {
  readonly block: Block;
  readonly frames: readonly Frame[];
  readonly leaf: BlockClass;
}

/** The blocks that held somebody up, one after the other: two recorders may have seen the same wait. */
function inTurn(
  own: readonly Block[],
  stacks: ReadonlyMap<number, readonly Frame[]>,
  isLate: boolean,
): readonly Turn[] {
  let until = -Infinity;
  return own
    .toSorted((a, b) => a.fromUs - b.fromUs)
    .flatMap((block) => {
      const frames = stacks.get(block.stack!)!;
      const leaf = classOf(block, frames);
      const fromUs = Math.max(block.fromUs, until);
      const isOther = isLate && leaf !== 'cpu' && leaf !== 'sleep';
      if (leaf === 'many' || isOther || block.toUs <= fromUs) return [];
      until = block.toUs;
      return [{ block, frames, leaf, fromUs, toUs: block.toUs }];
    });
}

/** What is left of a span without others, which are in order. */
function without({ fromUs, toUs }: Span, others: readonly Span[]): readonly Span[] {
  const left: Span[] = [];
  let from = fromUs;
  for (let at = countWhile(others, (other) => other.toUs <= fromUs); at < others.length; at++) {
    const other = others[at]!;
    if (other.fromUs >= toUs) break;
    if (other.fromUs > from) left.push({ fromUs: from, toUs: other.fromUs });
    from = Math.max(from, other.toUs);
  }
  if (from < toUs) left.push({ fromUs: from, toUs });
  return left;
}

function growing(name: string, place: string, isOwn: boolean, leaf: BlockClass | null): Growing {
  return { name, place, isOwn, leaf, us: 0, blocks: 0, children: new Map() };
}

/** Adds a stack, its outermost frame first. */
function grow(root: Growing, block: Block, frames: readonly Frame[], leaf: BlockClass, us: number): void {
  let node = root;
  const enter = (key: string, make: () => Growing): void => {
    node.us += us;
    node.blocks++;
    const next = node.children.get(key) ?? make();
    node.children.set(key, next);
    node = next;
  };
  for (const frame of frames.toReversed()) {
    const name = calledOf(frame);
    enter(`${name} ${frame.file}:${frame.line}`, () =>
      growing(name, placeOf(frame), !isLibrary(frame.file), null),
    );
  }
  const { call } = block.wait;
  enter(`${leaf} ${call}`, () => growing(call, '', false, leaf));
  node.us += us;
  node.blocks++;
}

function settledNode(node: Growing, depth: number, fromUs: number): FlameNode {
  const { name, place, isOwn, leaf, us, blocks } = node;
  let at = fromUs;
  const children = [...node.children.values()]
    .sort((a, b) => b.us - a.us)
    .map((child) => {
      const settled = settledNode(child, depth + 1, at);
      at += child.us;
      return settled;
    });
  return { name, place, isOwn, leaf, us, blocks, children, depth, fromUs };
}

function depthOf({ depth, children }: FlameNode): number {
  return children.reduce((most, child) => Math.max(most, depthOf(child)), depth);
}

/** The nodes on the way from the root to the heaviest leaf. */
export function heaviestPath(root: FlameNode): readonly FlameNode[] {
  const path: FlameNode[] = [];
  for (let node: FlameNode | undefined = root; node !== undefined; node = node.children[0]) path.push(node);
  return path;
}

/** Each leaf with the frames that lead to it, the heaviest first. */
export function stacksOf(root: FlameNode): readonly (readonly FlameNode[])[] {
  const stacks: FlameNode[][] = [];
  const visit = (node: FlameNode, above: readonly FlameNode[]): void => {
    const path = [...above, node];
    if (node.children.length === 0) stacks.push(path);
    for (const child of node.children) visit(child, path);
  };
  for (const child of root.children) visit(child, []);
  return stacks.sort((a, b) => b.at(-1)!.us - a.at(-1)!.us);
}

/** How many requests of a thread, or of a unit, waited to be sent, over time. */
class Waiting {
  readonly #spans = new Map<string, { readonly from: number[]; readonly to: number[] }>();
  readonly #sums = new Map<string, (us: number) => number>();

  add(key: string, fromUs: number, toUs: number): void {
    const spans = this.#spans.get(key) ?? { from: [], to: [] };
    spans.from.push(fromUs);
    spans.to.push(toUs);
    this.#spans.set(key, spans);
  }

  /** The sum over requests of the time that they waited between two moments. */
  sumUs(key: string, fromUs: number, toUs: number): number {
    const spans = this.#spans.get(key);
    if (spans === undefined) return 0;
    const before = this.#sums.get(key) ?? sumBefore(spans.from, spans.to);
    this.#sums.set(key, before);
    return before(toUs) - before(fromUs);
  }
}

/** How long all spans lasted, in all, before a moment. */
function sumBefore(from: readonly number[], to: readonly number[]): (us: number) => number {
  const started = elapsedSince(from);
  const ended = elapsedSince(to);
  return (us) => started(us) - ended(us);
}

/** The sum, over the moments that are past, of the time since each. */
function elapsedSince(moments: readonly number[]): (us: number) => number {
  const sorted = Float64Array.from(moments).sort();
  const sums = new Float64Array(sorted.length + 1);
  for (let at = 0; at < sorted.length; at++) sums[at + 1] = sums[at]! + sorted[at]!;
  return (us) => {
    const past = countWhile(sorted, (moment) => moment <= us);
    return past * us - sums[past]!;
  };
}
