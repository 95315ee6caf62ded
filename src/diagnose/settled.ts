import type { Exchange } from '../trace/index.ts';
import { chainedIn } from './chains.ts';
import { settleAttempts } from './delays/attempts.ts';
import type { Evidence } from './evidence.ts';
import { earlierOf, settleWanted } from './model/index.ts';
import { settleServed } from './served/settle.ts';

/** What is known of exchanges once all have been seen. */
export interface Settled {
  /** Whether it had to follow the one before it: its URL came out of that answer. */
  readonly isChained: (exchange: Exchange) => boolean;
  /** How much earlier it would have been wanted, had none before it in its unit of work waited, in microseconds. */
  readonly earlierUs: (exchange: Exchange) => number;
}

/**
 * Says when the exchanges of a trace were wanted, as the verdict has it: replaces those of `evidence` that were wanted
 * before their library was called, and leaves out those that a server takes from a client of the same run.
 */
export function settle(evidence: Evidence): Settled {
  settleWanted(evidence);
  settleAttempts(evidence);
  settleServed(evidence);
  const chained = chainedIn(evidence);
  return { isChained: (exchange) => chained.has(exchange), earlierUs: earlierOf(evidence) };
}
