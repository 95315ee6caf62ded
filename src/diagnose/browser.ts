/** The door of this room for code that runs in a browser: nothing behind it needs a module of Node. */
export type { Cause } from './explain.ts';
export type { Observation, Reference } from './found.ts';
export { type CodeLine, placeOf } from './languages/frames.ts';
export { count, duration, shortNumber } from './numbers.ts';
export { patchText } from './scene/patches.ts';
export { type Step, type Times, timesOf, type Waits, waitsOf } from './steps.ts';
export type { GroupJson, JudgementJson, PhaseJson, Verdict } from './verdict.ts';
export { HELD_UP } from './words.ts';
