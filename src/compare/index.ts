/**
 * Finds out by experiment: runs a program again with one thing changed, from outside, and compares the runs.
 *
 * 1. `environment` opens what the user named: an interpreter, and its distributions with their modules and files;
 *    `environment/made` makes it first, of a requirements or lock file.
 * 2. `compare.ts` runs both sides (`run.ts`: one run under `watch`), and `decide.ts` says which is slow: by the
 *    verdicts, or by an exact test of the times (`exact-test.ts`). `alone.ts` does the same with one environment, and
 *    `suspects.ts` chooses what it hides.
 * 3. `differences.ts` lists what differs and makes a setup of any part of it. `search.ts` looks for the smallest set
 *    with `minimize.ts`, which asks and knows nothing of runs, and then proves it both ways.
 * 4. `hide` has what a run loads: a hook that hides modules and puts an overlay before others, and leaves a mark.
 * 5. `bisect` compares commits in place of environments: git chooses them, in a worktree of its own.
 * 6. `cli/compare/session.ts` numbers, names and keeps the runs, so that an interrupted comparison can be resumed.
 */
export { compareAlone } from './alone.ts';
export { type Bisection, bisect } from './bisect/bisect.ts';
export { fromWorktree } from './bisect/editable.ts';
export { type Commit, Repository, type Worktree } from './bisect/repository.ts';
export { type Comparison, compare } from './compare.ts';
export { areAbsent, differencesOf, type Side, textOf } from './differences.ts';
export { type Distribution, type Environment, plainEnvironment } from './environment/environment.ts';
export { copyOf } from './environment/made/copy.ts';
export { environmentOf, isToBeMade, openEnvironment } from './environment/open.ts';
export { CompareError } from './error.ts';
export { plansFor } from './fixes/list.ts';
export type { Plan } from './fixes/plan.ts';
export { keepInput } from './input.ts';
export { GivenUp, type Runs } from './known.ts';
export { nameOf, type Run as ComparedRun, runOnce, type Setup, shownValue } from './run.ts';
export { namedBy, suspectsOf } from './suspects.ts';
export { judge, type Run, type Tried } from './tried.ts';
export { tryFix } from './try.ts';
