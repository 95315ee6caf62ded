import type { Document, Path, Place } from './document.ts';
import { keyPlaceOf, placeOf } from './place.ts';

/** Faults shown of one file; the rest is counted. */
const MOST_SHOWN = 10;

/** Something wrong with a document. */
export interface Fault {
  readonly path: Path;
  /** What is wrong, what was expected, and what may have been meant. */
  readonly text: string;
  /** It is the key that is wrong, not its value. */
  readonly ofKey?: boolean;
  /** Its offset in the value's text, in UTF-16 code units. */
  readonly offset?: number;
}

/** A file with faults: a line for each, 'FILE:LINE:COLUMN: what is wrong', shown to the user unchanged. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';

  /** `place` is null for what is wrong with the file as a whole. */
  constructor(file: string, faults: readonly { readonly place: Place | null; readonly text: string }[]) {
    const sorted = faults.toSorted(
      ({ place: a }, { place: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
    );
    const lines = sorted.map(({ place, text }) =>
      place === null ? `${file}: ${text}` : `${file}:${place.line}:${place.column}: ${text}`,
    );
    const distinct = [...new Set(lines)];
    const hidden = distinct.length - MOST_SHOWN;
    const more = hidden > 0 ? [`${file}: and ${hidden} more`] : [];
    super([...distinct.slice(0, MOST_SHOWN), ...more].map(printable).join('\n'));
  }
}

/** A file has no say in what a terminal does: control characters are shown by their code. */
function printable(line: string): string {
  return line.replace(
    /(?!\n)\p{Cc}/gu,
    (control) => `\\u${control.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** The error of a document that has these faults. */
export function faultyDocument(document: Document, faults: readonly Fault[]): DocumentError {
  return new DocumentError(
    document.file,
    faults.map(({ path, text, ofKey, offset }) => ({
      place: ofKey ? keyPlaceOf(document, path) : placeOf(document, path, offset),
      text,
    })),
  );
}
