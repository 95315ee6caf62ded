/** Finds out by experiment: runs a program again with one thing changed, from outside, and compares the runs. */
export { plansFor } from './fixes/list.ts';
export type { Plan } from './fixes/plan.ts';
export { type Run, type Tried, triedOf, tryFix } from './try.ts';
