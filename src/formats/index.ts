/** Formats of other programs: recordings that are read like a trace, and what a trace is exported as. */
export { EXPORT_ENDINGS, type ExportEnding, exportEnding, exportTrace } from './export.ts';
export { openTraceFile } from './open.ts';
export type { Recorded } from './recorded.ts';
