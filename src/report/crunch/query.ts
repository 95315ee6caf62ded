import { reportErrorAt } from '../error.ts';
import type { Checked, Query, Report } from '../report.ts';
import { type Database, isOutOfMemory, name } from './database.ts';
import { faultySql, type Written } from './fault.ts';
import { withListsAsColumns } from './lateral.ts';
import { withUnseen } from './unseen.ts';

/** Rows of a failing check that are shown. */
const MOST_SHOWN = 5;

/** What a check returned. */
const RETURNED = `tables.main.${name('returned by a check')}`;

/** A query that is not to be run. */
const WRITTEN = `tables.main.${name('query as it is written')}`;

const PIVOT = /\bpivot/i;

/** Makes a table of a query. @throws ReportError at the place in the file. */
export async function createTable(database: Database, report: Report, query: Query): Promise<void> {
  await runSelect(database, report, query, `create table tables.main.${name(query.name)} as\n`);
}

/**
 * Makes the table of a query without a row, for a query whose tables are empty: one that reads none, as
 * `select sum(range) from range(1_000_000_000_000)`, would take as long as in the run. @throws ReportError at the place in the file.
 */
export async function createEmptyTable(
  database: Database,
  report: Report,
  query: Written & { readonly name: string },
): Promise<void> {
  const table = `tables.main.${name(query.name)}`;
  // DuckDB makes no view of it.
  if (PIVOT.test(query.sql))
    return runSelect(database, report, query, `create or replace table ${table} as\n`);
  await runSelect(database, report, query, `create or replace view ${WRITTEN} as\n`);
  await database.run(`create or replace table ${table} as from ${WRITTEN} limit 0`);
  await database.run(`drop view ${WRITTEN}`);
}

/** Runs a query that is to return no row. @throws ReportError at the place in the file. */
export async function runCheck(database: Database, report: Report, query: Query): Promise<Checked> {
  await runSelect(database, report, query, `create table ${RETURNED} as\n`);
  const [counted] = await database.all(`select count(*) as rows from ${RETURNED}`);
  const first = await database.all(`select * from ${RETURNED} limit ${MOST_SHOWN}`);
  await database.run(`drop table ${RETURNED}`);
  const rows = counted!.rows as number;
  return { name: query.name, good: rows === 0, rows, first };
}

/** Runs one query of the report behind `before`, which makes a table of it. @throws ReportError */
export async function runSelect(
  database: Database,
  report: Report,
  written: Written,
  before: string,
): Promise<void> {
  const faulty = async (error: unknown, ahead: string) =>
    faultySql(error, written, ahead, report, await database.tables());
  const statements = await database.count(written.sql).catch(async (error: unknown) => {
    throw await faulty(error, '');
  });
  // DuckDB makes two statements of a PIVOT.
  if (statements > 1 && !PIVOT.test(written.sql))
    throw reportErrorAt(report, written.place, `${statements} statements, where one query was expected`);
  await withUnseen(database, () => runLean(database, before, written.sql)).catch(async (error: unknown) => {
    throw await faulty(error, before);
  });
}

/** Runs a query in the form that needs less memory, if there is one. */
async function runLean(database: Database, before: string, sql: string): Promise<void> {
  const lean = await withListsAsColumns(database, sql);
  if (lean !== null)
    try {
      return await database.run(`${before}${lean}`);
    } catch (error) {
      if (isOutOfMemory(error)) throw error;
      // The error has to refer to the query as the user wrote it.
    }
  await database.run(`${before}${sql}`);
}
