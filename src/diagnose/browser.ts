/** The door of this room for code that runs in a browser: nothing behind it needs a module of Node. */
export { type Evidence, evidenceOf, type Kept, noEvidence } from './evidence.ts';
export type { Cause } from './explain.ts';
export type { Observation, Reference } from './found.ts';
export { type CodeLine, placeOf } from './languages/frames.ts';
export { earlierOf } from './model/index.ts';
export { count, duration, shortNumber } from './numbers.ts';
export { membersOf, type Part } from './part.ts';
export { type Lifted, type Piece, type Question, replay, UNSENT } from './replay.ts';
export { patchText } from './scene/patches.ts';
export { type Settled, settle } from './settled.ts';
export { type Step, type Times, timesOf, type Waits, waitsOf } from './steps.ts';
export type { GroupJson, JudgementJson, PartJson, PhaseJson, ReplayJson, Verdict } from './verdict.ts';
export { HELD_UP } from './words.ts';
