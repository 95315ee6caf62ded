import { countWhile, type Exchange } from '../trace/index.ts';
import type { Span } from './spans.ts';
import { type Step, type Times, timesOf } from './steps.ts';
import { threadOf } from './threads.ts';
import { AT_ONCE, HANDOVER_US, MOSTLY } from './thresholds.ts';

/** A stretch of the critical path: what the end of a run waited for at that time. In microseconds of the trace. */
export interface PathPiece extends Span {
  /** The id of the exchange that is on the path. */
  readonly exchange: number;
  /**
   * `request`: it is on the wire. `waits`: it is wanted and not sent. `between`: it is not wanted yet; the program does
   * something else since the last answer on the path.
   */
  readonly does: 'request' | 'waits' | 'between';
  /** What it waits for. */
  readonly step: Exclude<Step, 'wanted'> | null;
  /** With its end it lets the next one on the path through: it holds a slot, a lock or a thread that this one waits for. */
  readonly letsThrough: boolean;
  /** Nobody saw what was waited for: the last answer of the same unit, thread or line is taken for it. */
  readonly isGuessed: boolean;
}

/** An exchange with its times. */
interface Node {
  readonly exchange: Exchange;
  readonly times: Times;
  /** When it was read, or given up; the end of the run where it is open. */
  readonly end: number;
}

/** How long the thread of an exchange was held by something else between two moments, in microseconds. */
export type HeldFor = (exchange: Exchange, fromUs: number, toUs: number) => number;

/**
 * Walks back from the end of a run over what each moment waited for: a request that is under way, the end of the one that
 * let it through, or the answer after which it was wanted. What is not on the path delayed nothing. Where it is known how
 * long threads were held, an opening that was held most of its time waited for who held it. In the order of time;
 * O(n log n).
 */
export function criticalPath(
  exchanges: readonly Exchange[],
  endedUs: number,
  heldFor: HeldFor = () => 0,
): readonly PathPiece[] {
  const nodes = exchanges.flatMap((exchange): Node[] => {
    const times = timesOf(exchange);
    return times === undefined ? [] : [{ exchange, times, end: Math.min(times.end, endedUs) }];
  });
  if (nodes.length === 0) return [];
  const before = predecessors(nodes, heldFor);
  const pieces: PathPiece[] = [];
  const visited = new Set<Node>();
  let node = nodes.reduce((last, one) => (one.end > last.end ? one : last));
  let letsThrough = false;
  for (;;) {
    visited.add(node);
    const { end } = node;
    const { wanted, sent } = atMost(node.times, end);
    const piece = (more: Pick<PathPiece, 'fromUs' | 'toUs' | 'does'> & Partial<PathPiece>): void => {
      if (more.toUs <= more.fromUs) return;
      const plain = { exchange: node.exchange.id, step: null, letsThrough: false, isGuessed: false };
      pieces.push({ ...plain, ...more });
    };
    piece({ does: 'request', fromUs: sent, toUs: end, letsThrough });
    const releaser = before.released(node);
    if (releaser !== undefined && !visited.has(releaser.node)) {
      const { step } = releaser;
      piece({ does: 'waits', step, fromUs: Math.min(releaser.node.end, sent), toUs: sent });
      node = releaser.node;
      letsThrough = true;
      continue;
    }
    for (const { step, fromUs, toUs } of waitsOf(atMost(node.times, end)))
      piece({ does: 'waits', step, fromUs, toUs, letsThrough: letsThrough && step !== 'dispatched' });
    const answered = before.answered(node);
    if (answered === undefined || visited.has(answered.node)) return pieces.reverse();
    const { isGuessed } = answered;
    piece({ does: 'between', fromUs: Math.min(answered.node.end, wanted), toUs: wanted, isGuessed });
    node = answered.node;
    letsThrough = false;
  }
}

/** The stretches of a path in which somebody on it holds what the next one waits for, or waits itself. */
export function waitedOnPath(path: readonly PathPiece[]): readonly PathPiece[] {
  return path.filter(({ does, letsThrough }) => letsThrough || does === 'waits');
}

function atMost(times: Times, end: number): Times {
  const at = (time: number) => Math.min(time, end);
  return {
    ...times,
    dispatched: at(times.dispatched),
    connected: at(times.connected),
    sent: at(times.sent),
  };
}

/** The last first. */
function waitsOf({ wanted, dispatched, connected, sent }: Times) {
  return [
    { step: 'sent', fromUs: connected, toUs: sent },
    { step: 'connected', fromUs: dispatched, toUs: connected },
    { step: 'dispatched', fromUs: wanted, toUs: dispatched },
  ] as const;
}

interface Predecessors {
  /** The exchange whose end let this one through, and what it waited for; undefined where it did not wait for any. */
  released(node: Node): { readonly node: Node; readonly step: 'dispatched' | 'sent' } | undefined;
  /** The last answer before this one was wanted. */
  answered(node: Node): { readonly node: Node; readonly isGuessed: boolean } | undefined;
}

function predecessors(nodes: readonly Node[], heldFor: HeldFor): Predecessors {
  const all = endsOf(nodes);
  const ofUnit = endsBy(nodes, ({ unit }) => unit);
  const ofThread = endsBy(nodes, (exchange) =>
    exchange.thread === undefined ? undefined : threadOf(exchange),
  );
  const ofLine = endsBy(nodes, ({ stack }) => stack);
  /** The last that ended in a wait, right before its end. */
  const endedIn = (ends: Ends | undefined, node: Node, fromUs: number, toUs: number): Node | undefined => {
    if (toUs - fromUs <= HANDOVER_US) return undefined;
    const last = ends?.lastBefore(toUs + HANDOVER_US, node);
    const isSoon = last !== undefined && toUs - last.end <= Math.max(HANDOVER_US, AT_ONCE * (toUs - fromUs));
    return isSoon && last.end > fromUs ? last : undefined;
  };
  return {
    released(node) {
      const { wanted, dispatched, connected, sent } = atMost(node.times, node.end);
      const holder = endedIn(ofThread(node.exchange), node, connected, sent);
      if (holder !== undefined) return { node: holder, step: 'sent' };
      if (heldFor(node.exchange, dispatched, connected) > MOSTLY * (connected - dispatched)) {
        const opener = endedIn(ofThread(node.exchange), node, dispatched, connected);
        if (opener !== undefined) return { node: opener, step: 'sent' };
      }
      const slot = endedIn(all, node, wanted, dispatched);
      return slot && { node: slot, step: 'dispatched' };
    },
    answered(node) {
      const untilUs = node.times.wanted + HANDOVER_US;
      const own = ofUnit(node.exchange)?.lastBefore(untilUs, node);
      if (own !== undefined) return { node: own, isGuessed: false };
      const near = [ofThread, ofLine].map((of) => of(node.exchange)?.lastBefore(untilUs, node));
      const other = near.find((one) => one !== undefined);
      return other && { node: other, isGuessed: true };
    },
  };
}

/** Exchanges in the order of their ends. */
interface Ends {
  /** The last that had ended, and was not wanted later than the one given. */
  lastBefore(time: number, than: Node): Node | undefined;
}

function endsOf(nodes: readonly Node[]): Ends {
  const inOrder = nodes.toSorted((a, b) => a.end - b.end);
  const ends = Float64Array.from(inOrder, ({ end }) => end);
  return {
    lastBefore: (time, than) => {
      for (let at = countWhile(ends, (end) => end <= time) - 1; at >= 0; at--) {
        const one = inOrder[at]!;
        if (one !== than && one.times.sent < than.end) return one;
      }
      return undefined;
    },
  };
}

function endsBy<K>(
  nodes: readonly Node[],
  keyOf: (exchange: Exchange) => K | undefined,
): (exchange: Exchange) => Ends | undefined {
  const groups = Map.groupBy(nodes, ({ exchange }) => keyOf(exchange));
  const known = new Map<K, Ends>();
  return (exchange) => {
    const key = keyOf(exchange);
    if (key === undefined) return undefined;
    const ends = known.get(key) ?? endsOf(groups.get(key)!);
    known.set(key, ends);
    return ends;
  };
}
