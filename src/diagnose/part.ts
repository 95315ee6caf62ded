import type { Exchange, Stack } from '../trace/index.ts';
import { askingLine } from './languages/frames.ts';
import { type Times, timesOf } from './steps.ts';

/** A part of the program's traffic: null is all of it. */
export interface Part {
  readonly origin: string | null;
  readonly at: string | null;
  /** Of a part of a line, or of an origin: when its exchanges were wanted. Absent, or null: at any time. */
  readonly within?: { readonly fromUs: number; readonly untilUs: number } | null;
  /** What does not belong to it. */
  readonly except?: readonly Part[];
}

/** Tells the exchanges of a part. One without any time belongs to none. */
export function membersOf(part: Part, stacks: Iterable<Stack>): (exchange: Exchange) => boolean {
  const lines = new Map<number, string | null>();
  for (const stack of stacks) lines.set(stack.id, askingLine(stack));
  const isOf = (of: Part, exchange: Exchange, times: Times): boolean =>
    isWithin(of, times) &&
    (of.at === null
      ? of.origin === null || exchange.origin === of.origin
      : exchange.stack !== undefined && lines.get(exchange.stack) === of.at) &&
    !of.except?.some((other) => isOf(other, exchange, times));
  return (exchange) => {
    const times = timesOf(exchange);
    return times !== undefined && isOf(part, exchange, times);
  };
}

function isWithin({ within = null }: Part, { wanted }: Times): boolean {
  return within === null || (wanted >= within.fromUs && wanted < within.untilUs);
}
