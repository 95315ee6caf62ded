import type { Place } from '../document/index.ts';

/** What is wrong with a report or its run, where in the file, and what to do; shown to the user unchanged. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** The error of something at a place of a report file. */
export function reportErrorAt(
  { file }: { readonly file: string },
  { line, column }: Place,
  text: string,
): ReportError {
  return new ReportError(`${file}:${line}:${column}: ${text}`);
}
