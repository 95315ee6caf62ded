import type { Block, Exchange } from '../../trace/index.ts';
import { overlapUs } from '../spans.ts';
import { timesOf } from '../steps.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** The shortest delay of an acknowledgement in Linux is 40 ms. */
const DELAYED_ACK_US = 38_000;

/** Requests whose second small write the kernel held back until the first was acknowledged (RFC 9293 §3.7.4). */
export interface HeldWrites {
  readonly requests: number;
  /** How long they were held back, in all; and how long all requests with an answer took from sent to read. */
  readonly heldUs: number;
  readonly totalUs: number;
  readonly blocks: readonly Block[];
}

/** Undefined where that is little of the time of all requests. */
export function heldWritesOf(
  exchanges: readonly Exchange[],
  waits: readonly Block[],
): HeldWrites | undefined {
  const blocks = waits.filter(({ wait }) => wait.call === 'nagle');
  if (blocks.length === 0) return undefined;
  const byConnection = Map.groupBy(
    blocks.flatMap((block) => (block.wait.connections ?? []).map((connection) => ({ block, connection }))),
    ({ connection }) => connection,
  );
  const answered = exchanges.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined || times.answered === Infinity ? [] : [{ exchange, times }];
  });
  const soonest = new Map<string, number>();
  for (const { exchange, times } of answered)
    soonest.set(
      exchange.origin,
      Math.min(times.answered - times.sent, soonest.get(exchange.origin) ?? Infinity),
    );
  let requests = 0;
  let heldUs = 0;
  let totalUs = 0;
  for (const { exchange, times } of answered) {
    const end = times.end === Infinity ? times.answered : times.end;
    totalUs += end - times.sent;
    const us = (byConnection.get(exchange.connection ?? -1) ?? []).reduce(
      (sum, { block }) => sum + overlapUs(block.fromUs, block.toUs, times.sent, end),
      0,
    );
    // The first request of a connection is acknowledged at once: what the quickest takes is the server's time.
    const longerUs = Math.min(us, times.answered - times.sent - soonest.get(exchange.origin)!);
    if (longerUs < DELAYED_ACK_US) continue;
    requests++;
    heldUs += longerUs;
  }
  if (requests < 2 || heldUs < LEAST_BLAMED * totalUs) return undefined;
  return { requests, heldUs, totalUs, blocks };
}
