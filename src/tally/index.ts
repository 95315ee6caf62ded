/** What came of a run: statuses, failures with an example each, slow origins, and whether that is good enough. */
export { accountJson, rounded } from './account.ts';
export { type FailureLimit, isWithin } from './limit.ts';
export { type FailureCount, type OriginTime, Tally } from './tally.ts';
