/** Runs any program under recorders, and gives what it did as one trace. */
export { findCommand, type Unusable } from './command.ts';
export { newTrace, traceFolder } from './keep.ts';
export type { Launched } from './launch.ts';
export { type Watched, type WatchOptions, watch } from './watch.ts';
