import { dirname, resolve } from 'node:path';
import { type Document, type Path, type Place, placeOf, sourceOf } from '../../document/index.ts';
import { isS3 } from '../../storage/index.ts';
import type { Template } from '../report.ts';
import { type EnvironmentVariables, fillVariables, parseTemplate } from '../template/index.ts';
import { secretColumns } from './inline.ts';
import type { RowsEntry } from './schema.ts';

/** What every part of a report is built with. */
export interface Site {
  place(path: Path): Place;
  /** The template at a path. */
  template(path: Path): Template;
  /** A text with its variables filled in. */
  filled(text: string): string;
  /** Columns of rows in the file that are secret because of their variables. */
  secretColumns(rows: RowsEntry, secret: readonly string[]): readonly string[];
  /** The whole path of a file, or its address in S3. */
  file(text: string): string;
}

export function siteOf(document: Document, env: EnvironmentVariables): Site {
  const place = (path: Path) => placeOf(document, path);
  const filled = (text: string) => fillVariables(text, env).text;
  return {
    place,
    template: (path) => parseTemplate(sourceOf(document, path) ?? '', place(path), env).template,
    filled,
    secretColumns: (rows, secret) => secretColumns(rows, secret, env),
    file: (text) => (isS3(filled(text)) ? filled(text) : resolve(dirname(document.file), filled(text))),
  };
}
