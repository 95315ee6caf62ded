import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { didYouMeanFile, type Fault } from '../../document/index.ts';
import { type Environment, fillVariables } from '../template/index.ts';
import { type Found, find, findTexts } from './find.ts';
import { dumpKind } from './rules.ts';

const SOURCES = ['rows', 'requests.*.rows'].flatMap((rows) =>
  ['csv', 'jsonl', 'parquet', 'files.*'].map((key) => `${rows}.${key}`),
);
const ROW_FILE = /\.(?:(csv|tsv)|(jsonl|ndjson)|(parquet))(?:\.gz|\.zst)?$/i;

/** What a file of rows is, by its name; null when that does not say it. */
export function rowsFormat(file: string): 'csv' | 'jsonl' | 'parquet' | null {
  const match = ROW_FILE.exec(file);
  if (match === null) return null;
  return match[1] ? 'csv' : match[2] ? 'jsonl' : 'parquet';
}

/** Files that are not there, and places that are not to be written to. */
export function pathFaults(data: unknown, folder: string, env: Environment): readonly Fault[] {
  const filled = (...patterns: readonly string[]) =>
    findTexts(data, ...patterns).map((found) => ({ ...found, ...fillVariables(found.value, env) }));
  const read = filled(...SOURCES, 'requests.*.ca');
  const written = filled('requests.*.cache', 'dump.*.to');
  return [
    // The variables of dumps are told with their templates.
    ...[...read, ...filled('requests.*.cache')].flatMap(({ path, faults }) =>
      faults.map((fault) => ({ path, ...fault })),
    ),
    ...read.filter(({ faults }) => faults.length === 0).flatMap((found) => unreadable(found, folder)),
    ...findTexts(data, 'rows.files.*', 'requests.*.rows.files.*').flatMap(unknownFormat),
    ...filled('dump.*.to').flatMap((found) => unknownTarget(found, data)),
    ...written.filter(({ text }) => isFile(text)).flatMap((found) => leaving(found, folder)),
  ];
}

function isFile(to: string): boolean {
  const kind = dumpKind({ to });
  return kind !== 'terminal' && kind !== 'webhook';
}

function unreadable({ path, text }: Found & { readonly text: string }, folder: string): Fault[] {
  const file = resolve(folder, text);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    const where = isAbsolute(text) ? '' : ` (paths are from the folder of this file: ${file})`;
    return [{ path, text: `there is no file '${text}'${didYouMeanFile(file) || where}` }];
  }
  return stats.isDirectory() ? [{ path, text: `'${text}' is a folder, and a file was expected` }] : [];
}

/** What a variable holds is known only here. */
function unknownTarget(
  { path, value, text }: Found<string> & { readonly text: string },
  data: unknown,
): Fault[] {
  if (!value.startsWith('${') || dumpKind({ to: text }) !== null) return [];
  if (find(data, [...path.slice(0, -1), 'format'].join('.')).length > 0) return [];
  return [
    { path, text: `'${value}' is '${text}'; expected terminal, a URL, or a file whose end says what it is` },
  ];
}

function unknownFormat({ path, value }: Found<string>): Fault[] {
  if (rowsFormat(value) !== null) return [];
  return [
    {
      path,
      text: `'${value}' does not say what it is; expected a file that ends in .csv, .jsonl or .parquet`,
    },
  ];
}

/**
 * Whoever writes an absolute path means it. A relative one that leads out of the folder is a mistake, or a variable that
 * holds what it should not.
 */
function leaving({ path, text }: Found & { readonly text: string }, folder: string): Fault[] {
  if (isAbsolute(text)) return [];
  const inside = resolve(folder, text).startsWith(`${resolve(folder)}/`);
  if (inside && !text.split(/[/\\]/).includes('..')) return [];
  return [
    {
      path,
      text: `'${text}' leads out of the folder of this file; write the whole path, from /, if that is meant`,
    },
  ];
}
