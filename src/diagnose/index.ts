/**
 * Reads off the exchanges of a run how concurrent it was, and if it was not, at which step and why.
 *
 * - What is judged: `rounds` and `phases` divide the run, `served` divides it by the requests that a server handles,
 *   and `failures` counts requests without an answer.
 * - How it is judged: overlap and step come from the times of the exchanges (`overlap-and-step.ts`); `delays` adds
 *   refused requests and second trips, `commands` what a command line wants, and `model` what was wanted before the
 *   program called the library.
 * - Why: a cause is a rule in `causes`. It looks at a `scene`, whose waits `waits.ts` classifies with the idioms in
 *   `languages`. It asks `model` what had a capacity, which units waited for it, what its holders did meanwhile, and
 *   what released the next one.
 * - Beside the causes: `facts` are observations that are no fault, and `time` says what the program did when no request
 *   was wanted.
 */
export { CAUSE_IDS, type CauseId, RULES } from './causes/index.ts';
export { criticalPath, type PathPiece } from './critical-path.ts';
export { dump } from './dump.ts';
export { collect, type Evidence, evidenceOf, type Kept, noEvidence } from './evidence.ts';
export { EXAMPLES, type Example } from './examples/index.ts';
export { type Expectation, expectation } from './expect.ts';
export type { Cause } from './explain.ts';
export { add, type State, start } from './fold.ts';
export type { Observation, Reference } from './found.ts';
export { type Judged, type JudgeOptions, judgeSource, judgeTrace } from './judge-trace.ts';
export type { Facts } from './judgement.ts';
export { askingLine, type CodeLine, placeOf } from './languages/frames.ts';
export type { Levels } from './levels.ts';
export { earlierOf } from './model/index.ts';
export { count, duration, shortNumber } from './numbers.ts';
export { codeLineText, observationText } from './observations.ts';
export type { Overlap } from './overlap.ts';
export { membersOf, type Part } from './part.ts';
export { type Program, programsOf, type Replacer, replacersOf } from './programs.ts';
export { type Lifted, type Piece, type Question, replay, UNSENT } from './replay.ts';
export type { Rule } from './rule.ts';
export { patchText } from './scene/patches.ts';
export { type Settled, settle } from './settled.ts';
export { type SocketOwner, socketOwner } from './socket-owner.ts';
export { type Step, type Times, timesOf, type Waits, waitsOf } from './steps.ts';
export type { TimePart, WholeTime } from './time/whole-time.ts';
export { type Context, finish, type Verdict } from './verdict.ts';
export type { GroupJson, JudgementJson, PartJson, PhaseJson, ReplayJson } from './verdict-json.ts';
export { HELD_UP } from './words.ts';
