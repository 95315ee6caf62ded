import { countWhile } from '../trace/index.ts';
import type { Cell } from './cell.ts';
import type { HeldBefore } from './held-threads.ts';
import { type Spans, sweep } from './spans.ts';

/**
 * Time in which requests were wanted and the program had not called for any of them yet: it did something else first,
 * for each of them. That is no wait of one request for another.
 */
export interface Preparation {
  readonly us: number;
  /** The sum over exchanges of the time that they were wanted in it. */
  readonly waitedUs: number;
}

/** So much of it a thread that several wait on may be held, for it to be preparation and not a blocked thread. */
const MOST_HELD = 0.2;

interface Handover {
  readonly wantedUs: number;
  readonly calledUs: number;
  readonly thread: string;
}

/** What each busy time began with. None, where a thread that several waited on was held. */
export function preparationOf(cells: readonly Cell[], wanted: Spans, held: HeldBefore): Preparation {
  const handovers = cells.flatMap(handoversOf).sort((a, b) => a.wantedUs - b.wantedUs);
  const found = { us: 0, waitedUs: 0 };
  let at = 0;
  for (const fromUs of busyStarts(wanted, handovers.length)) {
    while (at < handovers.length && handovers[at]!.wantedUs < fromUs) at++;
    const { own, toUs } = untilFirstCall(handovers, at, wanted.starts, fromUs);
    if (own.length === 0 || isHeld(own, held, fromUs, toUs)) continue;
    found.us += toUs - fromUs;
    found.waitedUs += own.reduce((sum, { wantedUs }) => sum + toUs - wantedUs, 0);
  }
  return found;
}

function handoversOf({ handovers }: Cell): Handover[] {
  return [...handovers].flatMap(([thread, pairs]) => {
    const own: Handover[] = [];
    for (let at = 0; at < pairs.length; at += 2)
      own.push({ wantedUs: pairs[at]!, calledUs: pairs[at + 1]!, thread });
    return own;
  });
}

/** When the number of those wanted rose from none. */
function busyStarts(wanted: Spans, handovers: number): number[] {
  const starts: number[] = [];
  if (handovers === 0) return starts;
  let busy = false;
  sweep(wanted, (from, _to, level) => {
    if (level > 0 && !busy) starts.push(from);
    busy = level > 0;
  });
  return starts;
}

/** The requests that were wanted before any was called, from the given one on. One without a handover was called at once. */
function untilFirstCall(
  handovers: readonly Handover[],
  first: number,
  wanted: Float64Array,
  fromUs: number,
): { readonly own: readonly Handover[]; readonly toUs: number } {
  let toUs = Infinity;
  let to = first;
  const begin = countWhile(wanted, (time) => time < fromUs);
  for (let at = begin; at < wanted.length && wanted[at]! < toUs; at++) {
    if (handovers[to]?.wantedUs !== wanted[at]) toUs = wanted[at]!;
    else toUs = Math.min(toUs, handovers[to++]!.calledUs);
  }
  return { own: handovers.slice(first, to), toUs };
}

function isHeld(own: readonly Handover[], held: HeldBefore, fromUs: number, toUs: number): boolean {
  const threads = Map.groupBy(own, ({ thread }) => thread);
  return [...threads].some(([thread, waiting]) => {
    const before = held.get(thread);
    return (
      before !== undefined &&
      waiting.length > 1 &&
      before(toUs) - before(fromUs) > MOST_HELD * (toUs - fromUs)
    );
  });
}
