import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { didYouMeanFile, type Fault } from '../../document/index.ts';
import { isS3, StorageError, splitFile } from '../../storage/index.ts';
import { type EnvironmentVariables, fillVariables } from '../template/index.ts';
import { type Found, find, findTexts } from './find.ts';
import { dumpKind, type FileKind, targetFault } from './rules.ts';
import { schemeOf, strangeUrl } from './scheme.ts';

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
export function pathFaults(data: unknown, folder: string, env: EnvironmentVariables): readonly Fault[] {
  const filled = (...patterns: readonly string[]) =>
    findTexts(data, ...patterns).map((found) => ({ ...found, ...fillVariables(found.value, env) }));
  const sources = filled(...SOURCES);
  const authorities = filled('requests.*.ca');
  const caches = filled('requests.*.cache');
  const targets = filled('dump.*.to');
  const isWhole = ({ faults }: { readonly faults: readonly unknown[] }) => faults.length === 0;
  return [
    // Faults in the variables of dumps are reported with their templates.
    ...[...sources, ...authorities, ...caches].flatMap(({ path, faults }) =>
      faults.map((fault) => ({ path, ...fault })),
    ),
    ...authorities.filter(isWhole).flatMap((found) => unreadable(found, folder)),
    ...sources
      .filter(isWhole)
      .flatMap((found) => (isS3(found.text) ? strangeAddress(found) : unreadable(found, folder))),
    ...targets.filter((found) => isWhole(found) && isS3(found.text)).flatMap(strangeAddress),
    ...findTexts(data, 'rows.files.*', 'requests.*.rows.files.*').flatMap(unknownFormat),
    ...targets.flatMap((found) => unknownTarget(found, data)),
    ...caches.filter(({ text }) => schemeOf(text) !== null).map(noFolder),
    ...[...caches, ...targets].filter(({ text }) => isFile(text)).flatMap((found) => leaving(found, folder)),
  ];
}

/** An address that can't be that of a file in S3. What is there is known when it is asked. */
function strangeAddress({ path, text }: Found & { readonly text: string }): Fault[] {
  try {
    splitFile(text);
    return [];
  } catch (error) {
    if (error instanceof StorageError) return [{ path, text: error.message }];
    throw error;
  }
}

function isFile(to: string): boolean {
  return schemeOf(to) === null && dumpKind({ to }) !== 'terminal';
}

function noFolder({ path, text }: Found & { readonly text: string }): Fault {
  return { path, text: strangeUrl(text, 'a folder') };
}

function unreadable({ path, text }: Found & { readonly text: string }, folder: string): Fault[] {
  if (schemeOf(text) !== null) return [{ path, text: strangeUrl(text, 'a file: download it first') }];
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
  const [format] = find(data, [...path.slice(0, -1), 'format'].join('.'));
  const fault = value.startsWith('${') ? targetFault({ to: text, format: format?.value as FileKind }) : null;
  return fault === null ? [] : [{ path, text: fault }];
}

function unknownFormat({ path, value }: Found<string>): Fault[] {
  if (rowsFormat(value) !== null || (schemeOf(value) !== null && !isS3(value))) return [];
  return [
    {
      path,
      text: `'${value}' does not say what it is; expected a file that ends in .csv, .jsonl or .parquet`,
    },
  ];
}

/**
 * An absolute path is intended. A relative one that leads out of the folder is a mistake, or a variable that
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
