/**
 * The function itself: what `abreast/lambda` exports, and what is in the zip of `abreast lambda pack`.
 *
 * 1. `run/event.ts` reads what an event asks for; `run/settings.ts` reads the environment.
 * 2. `run/lease.ts` makes sure that one invocation at a time carries on a run.
 * 3. `run/invocation.ts` is an invocation: `run/state.ts` restores the plan, `report` runs with `run/distribution.ts`, which fetches
 *    chunks (`run/chunk-feed.ts`) for as long as `run/budget.ts` says that they will be finished in time.
 * 4. What is left is handed on by `run/queue.ts` or returned. The last invocation brings the chunk files home, runs the SQL, and
 *    puts tables and summary into the storage.
 */
import type { Handler } from './contract.ts';
import { invocation } from './run/invocation.ts';

export type { Answer, Context, Handler, RunResult, Token, ToQueue } from './contract.ts';

/** The handler. */
export const handler: Handler = invocation;
