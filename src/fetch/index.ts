/**
 * fetch: thousands of GETs side by side, each to exactly one result, with an account of how concurrent they were.
 *
 * 1. `rows` reads a row; `cli/get/source.ts` makes an input of it. `input-reader.ts` reads inputs when there is room,
 *    never all at once.
 * 2. `job.ts` is the input until it has a result. `scheduler.ts` keeps the waiting jobs by origin and chooses the next
 *    one. The queue of each origin (`queue/origin-queue.ts`) knows its limits, rates, 429 and 503 answers, and
 *    consecutive failures.
 * 3. `engine.ts` dispatches the job to an existing connection, or to one that `connections.ts` opens through
 *    `connector.ts`: it looks up the name and races its addresses (`names/`), sets up a proxy's tunnel and TLS
 *    (`open/`), and by ALPN uses `http1/` or `http2/`. Clock and network come from `world.ts`; the simulation replaces
 *    it.
 * 4. The bytes of the answer are read, limited and counted (`bodies/`); reading pauses when all bodies together exceed
 *    their budget. `course.ts` says what happens next to the job: a redirect or a retry (back to 2, decided by
 *    `next-step.ts`), or its end, decoded. Then `delivery.ts` makes the result and hands it over.
 * 5. Each step of each attempt is an exchange record. `queue/concurrency-meter.ts` counts the requests in flight and
 *    those that could have been, `diagnose` computes the verdict from the records, `trace` writes them; it replaces
 *    secrets before anything is written.
 * 6. `store` writes the result as a whole line, `tally` counts it, `view` shows the progress. A slow store slows down
 *    1.
 */
export { utf8Of } from './bodies/charset.ts';
export { defaultMaxMemory, keepHeapSmall } from './bodies/memory.ts';
export { callAfter } from './clock.ts';
export { DURATION, type Duration, durationMs, RATE, type Rate, ratePerS } from './duration.ts';
export { type ErrorCode, FetchError } from './errors.ts';
export { RECORDED } from './exchange.ts';
export { forAnyOrigin } from './headers.ts';
export type { Input } from './input.ts';
export { imap, map } from './map.ts';
export { isCurves } from './open/curves.ts';
export type { HostLimit, Options, TlsOptions } from './options.ts';
export { mostAt } from './queue/hosts.ts';
export type { Result } from './result.ts';
export type {
  ConcurrencySummary,
  GivenUpTo,
  LiveLimits,
  OriginState,
  Progress,
  Run,
  RunSummary,
  Sink,
  StartRun,
} from './run.ts';
export { DEFAULTS } from './settings.ts';
export { startRun } from './start.ts';
export { parseTarget } from './target.ts';
