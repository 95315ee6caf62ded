import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { isS3 } from '../storage/index.ts';
import { reportErrorAt } from './error.ts';
import type { Dump, Report } from './report.ts';

/** The file that DuckDB keeps beside an open database. */
const DUCKDB_FILES = ['', '.wal', '.wal.checkpoint', '.wal.recovery', '.tmp'];

/**
 * Where a dump to a file goes, with date, time and name in its path or address in S3; null when it goes elsewhere. A
 * relative path stays below the report's folder.
 *
 * @throws ReportError when it does not.
 */
export function pathOf({ to, place }: Dump, report: Report, startedAt: Date): string | null {
  if (!('path' in to)) return null;
  const words = wordsOf(report, startedAt);
  const written = to.path.replace(/\{\{\s*(\w+)\s*\}\}/g, (hole, word: string) =>
    Object.hasOwn(words, word) ? words[word]! : hole,
  );
  if (isS3(written) || isAbsolute(written)) return written;
  const folder = resolve(report.folder);
  const path = resolve(folder, written);
  if (!path.startsWith(folder === sep ? sep : `${folder}${sep}`))
    throw reportErrorAt(report, place, `${written} leaves ${folder}, the folder of the report`);
  return path;
}

/** What is written before it takes the name of a path; two runs at once don't share it. */
export function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/** The files that DuckDB touches for a dump. */
export function filesWritten(dump: Dump, report: Report, startedAt: Date): readonly string[] {
  const path = pathOf(dump, report, startedAt);
  if (path === null || isS3(path)) return [];
  return dump.to.kind === 'duckdb' ? DUCKDB_FILES.map((ending) => `${path}${ending}`) : [temporaryOf(path)];
}

/** `2026-11-22` and `06-30-05`, in the report's timezone. */
export function wordsOf({ name, timezone }: Report, at: Date): Readonly<Record<string, string>> {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)!.value;
  return {
    name,
    date: `${of('year')}-${of('month')}-${of('day')}`,
    time: `${of('hour')}-${of('minute')}-${of('second')}`,
  };
}
