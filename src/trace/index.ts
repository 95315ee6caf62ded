/** The trace of a run: what its records are, writing them, reading them, and keeping secrets out. */
export { reasonOf, TraceError } from './error.ts';
export { readTrace } from './file.ts';
export { thisHost } from './host.ts';
export { isNestedTooDeep, MOST_NESTED } from './nesting.ts';
export { makePrivate } from './private.ts';
export { TraceReader } from './reader.ts';
export * from './records.ts';
export { redactArgv } from './secrets/argv.ts';
export { isCredential, redactHeader } from './secrets/header.ts';
export { isSecretHeader, isSecretName } from './secrets/names.ts';
export { redactRecord } from './secrets/record.ts';
export { redactText } from './secrets/text.ts';
export { redactUrl } from './secrets/url.ts';
export { countWhile } from './sorted.ts';
export type { Problem, TraceSource } from './source.ts';
export { checkTrace, type TraceCheck, type TraceFault } from './validate.ts';
export { waitKindOf } from './wait-kinds.ts';
export { openTrace, type TraceOptions, TraceWriter } from './writer.ts';
