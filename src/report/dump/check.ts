import type { Database } from '../crunch/database.ts';
import { ReportError, reportErrorAt } from '../error.ts';
import type { Dump, Report } from '../report.ts';
import { columnsOf } from './columns.ts';
import { refuseMissingKey } from './duckdb.ts';
import { refuseNames } from './prometheus.ts';

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
