/** fetch: thousands of GETs side by side, each to exactly one result, with an account of how concurrent they were. */
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
  Progress,
  Run,
  RunSummary,
  Sink,
  StartRun,
} from './run.ts';
export { DEFAULTS } from './settings.ts';
export { startRun } from './start.ts';
export { parseTarget } from './target.ts';
