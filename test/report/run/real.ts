import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReport } from '../../../src/report/file/index.ts';
import type { Report, Row } from '../../../src/report/report.ts';
import { runReport } from '../../../src/report/run/index.ts';
import type { RunOptions } from '../../../src/report/run/options.ts';
import { OPTIONS } from './reports.ts';

/** A report of a file in `folder`, as a user writes it. `URL` in the text is an address. */
export async function written(folder: string, yaml: string, url = ''): Promise<Report> {
  const file = join(folder, 'report.yaml');
  writeFileSync(file, yaml.replaceAll('URL', url));
  return readReport(file, process.env);
}

/** Starts a report with the database that users have. */
export function startReal(report: Report, options: Partial<RunOptions> = {}) {
  return runReport(report, { ...OPTIONS, ...options });
}

/** Runs a report with the database that users have. */
export function runReal(report: Report, options: Partial<RunOptions> = {}) {
  return startReal(report, options).finished;
}

/** The rows of a dump in JSON Lines. */
export function rowsIn(folder: string, name: string): Row[] {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Every file under a folder, with what is in it and when it was written. */
export function everythingIn(folder: string): readonly (readonly [string, number, string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((path) => [path, statSync(path).mtimeMs, readFileSync(path, 'latin1')] as const);
}
