import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, relative, resolve, sep } from 'node:path';
import { version } from '../../package/index.ts';
import { checkSql, type Report, ReportError, readNeeds } from '../../report/index.ts';
import { isS3 } from '../../storage/index.ts';
import { refuseLostDumps } from '../dumps.ts';
import { LambdaError } from '../error.ts';
import { variablesToSet } from '../variables.ts';
import { type Arch, duckdbFor } from './duckdb.ts';
import { functionEntries } from './function.ts';
import { type ZipEntry, zipOf } from './zip.ts';

/** A function, ready to be deployed. */
export interface Packed {
  readonly zip: Uint8Array;
  /** In hexadecimal. The same report, files and abreast give the same one. */
  readonly sha256: string;
  readonly bytes: number;
  readonly unzippedBytes: number;
  /** The report's own files, by their paths in the zip. */
  readonly files: readonly string[];
  /** What the function needs in its environment. */
  readonly variables: readonly string[];
  /** What could not be looked at here. */
  readonly warnings: readonly string[];
}

/** Where the report's own files are in the zip; its path there is in the variable ABREAST_REPORT. */
export const REPORT_FOLDER = 'report';

/**
 * Makes the zip of a function that runs a report: the handler, DuckDB for the processor, the report and the files that it
 * reads. @throws DocumentError, ReportError, LambdaError
 */
export async function packFunction(file: string, arch: Arch): Promise<Packed> {
  const { report, files: named, variables } = await readNeeds(file, process.env);
  const toSet = variablesToSet(variables, file);
  if (report.testServer !== null)
    throw new LambdaError(
      `${file}: testServer has no meaning in Lambda: nothing answers there. Write the address of your own server.`,
    );
  refuseLostDumps(report);
  const read = named.filter((path) => !isS3(path));
  const warnings = await looseEnds(report, read.length < named.length);
  const files = [resolve(file), ...read].map((path) => ({
    path,
    name: nameInZip(path, report.folder, file),
  }));
  const entries: readonly ZipEntry[] = [
    ...functionEntries(version()),
    ...(await duckdbFor(arch)),
    ...(await Promise.all(
      files.map(async ({ path, name }) => ({ path: name, bytes: await readFile(path) })),
    )),
  ];
  const zip = zipOf(entries);
  return {
    zip,
    sha256: createHash('sha256').update(zip).digest('hex'),
    bytes: zip.length,
    unzippedBytes: entries.reduce((sum, { bytes }) => sum + bytes.length, 0),
    files: files.map(({ name }) => name),
    variables: toSet,
    warnings,
  };
}

/**
 * Bad SQL is an error here, before the first night. Only the function's role needs rights in S3; the person who packs it needs none.
 * @throws ReportError
 */
async function looseEnds(report: Report, readsS3: boolean): Promise<readonly string[]> {
  try {
    await checkSql({ ...report, dumps: report.dumps.map(asIfHere) });
    return [];
  } catch (error) {
    if (!(readsS3 && error instanceof ReportError)) throw error;
    return [`the SQL is not checked, because the rows can't be read here: ${error.message}`];
  }
}

/** Its table and columns are checked; its place is not. */
function asIfHere(dump: Report['dumps'][number]): Report['dumps'][number] {
  const { to } = dump;
  return 'path' in to && isS3(to.path) ? { ...dump, to: { ...to, path: basename(to.path) } } : dump;
}

/** The path of a file of the report in the zip. @throws LambdaError for one outside of the folder */
export function nameInZip(path: string, folder: string, file: string): string {
  const name = relative(resolve(folder), resolve(path));
  if (name === '..' || name.startsWith(`..${sep}`))
    throw new LambdaError(
      `${file}: it reads ${path}, which is outside of its folder, so the function would not have it. Move it beside the report, or name it by s3://.`,
    );
  return [REPORT_FOLDER, ...name.split(sep)].join('/');
}
