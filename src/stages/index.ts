/** The stories of lab/, live: programs run side by side, and what was expected held against what came. */
export type { Cell } from './cell.ts';
export { StagesError } from './error.ts';
export type { Measured, Place, Say } from './place.ts';
