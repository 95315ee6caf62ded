/** Where tables of a run go: files, whole or not at all, a DuckDB file, the terminal, a webhook. */

import { isS3, StorageError } from '../../storage/index.ts';
import { StoreError } from '../../store/index.ts';
import type { Database } from '../crunch/database.ts';
import { inWords, refusalOf } from '../crunch/fault.ts';
import type { OpenTables } from '../crunch/tables.ts';
import { pathOf } from '../dump-paths.ts';
import { ReportError, reportErrorAt } from '../error.ts';
import type { Dump, Dumped, Report } from '../report.ts';
import { columnsOf, rowCount } from './columns.ts';
import { copyTable } from './copy.ts';
import { refuseMissingKey, writeDuckDB } from './duckdb.ts';
import { markdownLines } from './markdown.ts';
import { prometheusLines, refuseNames } from './prometheus.ts';
import { shownTable } from './terminal.ts';
import { upload } from './upload.ts';
import { postTable } from './webhook.ts';
import { textWriter, writeWhole } from './whole.ts';

/** The report that a dump is of, and when its run began, which may be in the names of files. */
export interface DumpOf {
  readonly report: Report;
  readonly startedAt: Date;
}

/** Writes a table where the report says. @throws ReportError at the dump's place in the file. */
export async function dump(dump: Dump, { database }: OpenTables, of: DumpOf): Promise<Dumped> {
  const path = pathOf(dump, of.report, of.startedAt);
  try {
    const rows = await rowCount(database, dump.table);
    if (path !== null) await writeFile(dump, database, path);
    return {
      table: dump.table,
      to:
        path ??
        (dump.to.kind === 'webhook' ? await postTable(database, dump.table, dump.to, of) : 'terminal'),
      rows,
      shown: dump.to.kind === 'terminal' ? await shownTable(database, dump.table) : null,
    };
  } catch (error) {
    throw reportErrorAt(of.report, dump.place, `'${dump.table}' ${whyNot(error, path)}`);
  }
}

async function writeFile({ table, to }: Dump, database: Database, path: string): Promise<void> {
  const write = (fill: (temporary: string) => Promise<void>) =>
    isS3(path) ? upload(path, database.folder, fill) : writeWhole(path, fill);
  switch (to.kind) {
    case 'csv':
    case 'jsonl':
    case 'parquet': {
      const format = { kind: to.kind, csvSafe: to.csvSafe ?? false };
      return write((temporary) => copyTable(database, table, format, path, temporary));
    }
    case 'markdown':
      return write(textWriter(markdownLines(database, table)));
    case 'prometheus':
      return write(textWriter(prometheusLines(database, table)));
    case 'duckdb':
      return writeDuckDB(database, table, to, path);
  }
}

function whyNot(error: unknown, path: string | null): string {
  if (error instanceof ReportError || error instanceof StorageError)
    return `was not written: ${error.message}`;
  const { code } = error as NodeJS.ErrnoException;
  const refusal = refusalOf(error instanceof StoreError ? error.cause : error);
  const why =
    code === undefined && refusal.message.includes('Could not set lock')
      ? 'another program has it open; close it there'
      : inWords(refusal, []);
  return `was not written to ${path ?? 'its webhook'}: ${why}`;
}

/** Holds a dump against the columns that its table has. @throws ReportError at the dump's place in the file. */
export async function checkDump(
  { table, to, place }: Dump,
  database: Database,
  report: Report,
): Promise<void> {
  const columns = await columnsOf(database, table);
  try {
    if (to.kind === 'prometheus') refuseNames(columns, table);
    if (to.kind === 'duckdb' && to.mode === 'upsert') refuseMissingKey(columns, table, to.key);
  } catch (error) {
    throw error instanceof ReportError ? reportErrorAt(report, place, error.message) : error;
  }
}
