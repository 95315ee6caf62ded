/** Formats of other programs: recordings that are read like a trace, and what a trace is exported as. */
export { openTraceFile } from './open.ts';
