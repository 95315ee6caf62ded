import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isS3, openFile, StorageError } from '../../storage/index.ts';
import { pathOf } from '../dump-paths.ts';
import { reportErrorAt } from '../error.ts';
import type { Dump, Report } from '../report.ts';

/** Writes a file to S3, whole: `fill` writes it into a folder first. @throws StorageError */
export async function upload(
  address: string,
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const { storage, name } = await openFile(address);
  const temporary = join(folder, 'upload.tmp');
  try {
    await fill(temporary);
    await storage.write(name, { path: temporary });
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Looks for the file that a dump will replace, so that a missing bucket or expired credentials are an error before the run,
 * not after it. Credentials that may write, but not look, are no error. @throws ReportError
 */
export async function refuseUnreachable(dump: Dump, report: Report, startedAt: Date): Promise<void> {
  const address = pathOf(dump, report, startedAt);
  if (address === null || !isS3(address)) return;
  try {
    const { storage, name } = await openFile(address, { patienceMs: 0 });
    await storage.list(name)[Symbol.asyncIterator]().next();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.fault !== 'denied')
      throw reportErrorAt(report, dump.place, `'${dump.table}' can't be dumped: ${error.message}`);
  }
}
