/** Runs any program under recorders, and gives what it did as one trace. */
export { findCommand, type Unusable } from './command.ts';
export { examine } from './doctor.ts';
export { type Elsewhere, elsewhere } from './elsewhere.ts';
export { joinTraces } from './join.ts';
export { newestTrace, newTrace, traceFolder } from './keep.ts';
export { kitVariables, writeKit } from './kit.ts';
export { Live, type LiveFigures } from './live/live.ts';
export { fixVariables } from './recorders/probe.ts';
export type { Finding, Launched } from './recorders/recorder.ts';
export { type Streams, type Watched, type WatchOptions, watch } from './watch.ts';
