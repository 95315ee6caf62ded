/** The door of this room for code that runs in a browser: nothing behind it needs a module of Node. */
export { reasonOf, TraceError } from './error.ts';
export { type Lines, readLines, TraceReader } from './reader.ts';
export * from './records.ts';
export { redactRecord } from './secrets/record.ts';
export { redactText } from './secrets/text.ts';
export { redactUrl } from './secrets/url.ts';
export { HIDDEN } from './secrets/values.ts';
export { countWhile } from './sorted.ts';
export type { Problem, TraceSource } from './source.ts';
export { waitKindOf } from './wait-kinds.ts';
