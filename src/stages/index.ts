/**
 * The stories of lab/, live: runs programs at the same time and compares expected and actual results.
 *
 * 1. `stories.ts` reads `story.yaml` and checks it against `story.ts`. `select.ts` makes cells of it: a stage on one
 *    interpreter (`interpreters/` finds them), over one protocol, with a number of requests and an expected result.
 * 2. A place runs the cells: `local/` with environments from `environments/` and a server for each program, or
 *    `docker/` in the containers of the story. Everything that a place starts has its own process group (`child.ts`).
 * 3. `perform.ts` runs several cells at the same time, `result.ts` classifies the result of each, and slow programs run
 *    again under the command `watch`, in a separate process.
 * 4. `cli/stages/` prints one row after the other. A story is data: a folder in `lab/`, or anywhere else.
 */
export { stagesCache } from './cache.ts';
export type { Cell } from './cell.ts';
export { type Ended, run as runChild } from './child.ts';
export { DockerPlace } from './docker/place.ts';
export { locked } from './environments/lock.ts';
export { makeOnce } from './environments/once.ts';
export { pip } from './environments/pip.ts';
export { makeVirtualenv } from './environments/virtualenv.ts';
export { StagesError } from './error.ts';
export { findPython, pythonAt } from './interpreters/find.ts';
export { type Interpreter, minorOf } from './interpreters/interpreter.ts';
export { LocalPlace } from './local/place.ts';
export { type PatchState, type PatchVerb, patchStory } from './patch.ts';
export { type CellStep, type Performance, perform } from './perform.ts';
export type { Measured, Say, StagesPlace } from './place.ts';
export { type Provider, providedByPlace, providedHere } from './pythons.ts';
export type { Came, Result, Shown } from './result.ts';
export { type Selection, select } from './select.ts';
export { readStory, storyNames, type Told } from './stories.ts';
export type { Scene, Scheme, Story } from './story.ts';
