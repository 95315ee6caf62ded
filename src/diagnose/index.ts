/** Reads off the exchanges of a run how concurrent it was, and if it was not, at which step and why. */

export { dump } from './dump.ts';
export { collect, type Evidence, noEvidence } from './evidence.ts';
export { type Expectation, expectation } from './expect.ts';
export { CAUSE_IDS, type Cause, type CauseId } from './explain.ts';
export { add, type State, start } from './fold.ts';
export { type Judged, type JudgeOptions, judgeHar, judgeTrace } from './judge.ts';
export type { Facts } from './judgement.ts';
export type { Levels } from './levels.ts';
export type { Overlap } from './overlap.ts';
export { type Step, type Times, timesOf, type Waits, waitsOf } from './steps.ts';
export { type Context, finish, type GroupJson, type JudgementJson, type Verdict } from './verdict.ts';
export { duration, HELD_UP } from './words.ts';
