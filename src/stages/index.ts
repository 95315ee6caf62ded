/** The stories of lab/, live: runs programs at the same time and compares expected and actual results. */
export { stagesCache } from './cache.ts';
export type { Cell } from './cell.ts';
export { DockerPlace } from './docker/place.ts';
export { StagesError } from './error.ts';
export { LocalPlace } from './local/place.ts';
export { type PatchState, type PatchVerb, patchStory } from './patch.ts';
export { type CellStep, type Performance, perform } from './perform.ts';
export type { Measured, Say, StagesPlace } from './place.ts';
export { type Provider, providedByPlace, providedHere } from './pythons.ts';
export type { Came, Result, Shown } from './result.ts';
export { type Selection, select } from './select.ts';
export { readStory, storyNames, type Told } from './stories.ts';
export type { Scene, Scheme, Story } from './story.ts';
