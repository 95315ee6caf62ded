/** Finds out by experiment: runs a program again with one thing changed, from outside, and compares the runs. */
export { compareAlone } from './alone.ts';
export { type Comparison, compare } from './compare.ts';
export { type Side, textOf } from './differences.ts';
export { openEnvironment } from './environment/open.ts';
export { CompareError } from './error.ts';
export { plansFor } from './fixes/list.ts';
export type { Plan } from './fixes/plan.ts';
export { GivenUp, type Runs } from './known.ts';
export { nameOf, type Run as ComparedRun, runOnce, type Setup } from './run.ts';
export { namedBy, suspectsOf } from './suspects.ts';
export { type Run, type Tried, triedOf, tryFix } from './try.ts';
