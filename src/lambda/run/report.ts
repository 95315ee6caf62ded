import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Report, readReport } from '../../report/index.ts';
import { openStorage } from '../../storage/index.ts';
import { refuseLostDumps } from '../dumps.ts';
import { LambdaError } from '../error.ts';
import { fetchFile } from './state.ts';

/**
 * The report of a function. Its dumps are written below `output`: the package itself can't be written to. Answers are not cached:
 * what an invocation leaves on its disk is gone. @throws LambdaError, DocumentError, ReportError, StorageError
 */
export async function reportOf(
  named: string,
  { scratch, output }: { readonly scratch: string; readonly output: string },
): Promise<Report> {
  const file = named.startsWith('s3://') ? await fetched(named, scratch) : inPackage(named);
  const report = await readReport(file, process.env);
  if (process.env.LAMBDA_TASK_ROOT !== undefined) refuseLostDumps(report);
  return {
    ...report,
    folder: output,
    requests: report.requests.map((request) => ({ ...request, cache: null })),
  };
}

function inPackage(named: string): string {
  const file = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', named);
  if (existsSync(file)) return file;
  throw new LambdaError(`ABREAST_REPORT is ${named}, and there is no such file in the package.`);
}

async function fetched(named: string, scratch: string): Promise<string> {
  const storage = await openStorage(dirname(named));
  const file = join(scratch, basename(named));
  if (await fetchFile(storage, basename(named), file)) return file;
  throw new LambdaError(`ABREAST_REPORT is ${named}, and there is no such object.`);
}
