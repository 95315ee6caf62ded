/** The trace of a run: what its records are, writing them, reading them, and keeping secrets out. */
export { TraceError } from './error.ts';
export { type HarTrace, readHar } from './har.ts';
export { type Problem, readTrace, TraceReader } from './reader.ts';
export * from './records.ts';
export { redactRecord } from './redact.ts';
export { isSecretName, redactArgv, redactHeader, redactText, redactUrl } from './secrets.ts';
export { openTrace, type TraceOptions, TraceWriter } from './writer.ts';
