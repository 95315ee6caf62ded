import { stat } from 'node:fs/promises';
import { StoreError } from '../../store/index.ts';
import { filesWritten } from '../dump-paths.ts';
import { ReportError, reportErrorAt } from '../error.ts';
import type { GoodSqlResult, Report, Request, RowsFrom, Tables } from '../report.ts';
import { columnsOfSource, declaredColumns } from './columns.ts';
import { Database, name, text } from './database.ts';
import { inWords, refusalOf } from './fault.ts';
import { columnsOfLines, createFromLines } from './files.ts';
import { createLargeResults, isLarge } from './large.ts';
import { measure } from './lines.ts';
import { createTable, runCheck } from './query.ts';
import { createResults, judge, partLines } from './results.ts';
import { type KeptRows, rowsOf } from './rows.ts';
import type { Columns } from './structure.ts';

/** Where the tables of a run are, and what today is. */
export interface TablesOptions {
  /** The run's folder: it gets a file `tables.duckdb`. null: nothing is written. */
  readonly folder: string | null;
  /** The run's start, by which dumps are named. */
  readonly startedAt: Date;
  /** Files that are read besides those that the report names. */
  readonly reads?: readonly string[];
}

/** Tables, with the database that holds them. */
export interface OpenTables extends Tables {
  readonly database: Database;
}

/** The table of the report's own rows. */
export const ROWS = 'tables.main.rows';

/** Opens the database of a run, empty. @throws ReportError where DuckDB has no build for this platform. */
export async function openTables(
  report: Report,
  { folder, startedAt, reads = [] }: TablesOptions,
): Promise<OpenTables> {
  const database = await Database.open({
    folder,
    files: [...accessOf(report, startedAt), ...reads],
    timezone: report.timezone,
    memory: report.limits.maxMemoryBytes,
    secret: report.secret.length > 0,
  });
  const declared = (from: RowsFrom | null): Promise<Columns | null> =>
    from === null ? Promise.resolve(null) : declaredColumns(from, database, report);
  /** The columns of rows if there are no rows, as far as they are known. */
  const unseen = (from: RowsFrom | null): Promise<Columns | null> =>
    from === null ? Promise.resolve(null) : columnsOfSource(from, database, report);
  const kept: KeptRows = new Map();
  /** Values of secret columns are on the disk no longer than they are read. */
  const forget = () => {
    if (report.secret.length > 0) database.copies.clear();
  };
  return {
    database,
    rows: async function* (from) {
      try {
        yield* rowsOf(from, database, report, kept);
      } finally {
        forget();
      }
    },
    addRows: async (file) => {
      await database.withOneThread(async () => {
        const columns = (await declared(report.rows)) ?? (await columnsOfLines(database, file));
        await createFromLines(database, ROWS, file, columns ?? (await unseen(report.rows)));
      });
      forget();
    },
    addResults: async (request, parts) => {
      const from = request.rows ?? report.rows;
      const columns = (await declared(from)) ?? ((await areEmpty(parts)) ? await unseen(from) : null);
      forget();
      return addResults(database, report, request, parts, columns);
    },
    query: (query) => createTable(database, report, query),
    check: (query) => runCheck(database, report, query),
    close: async () => database.close(),
  };
}

async function areEmpty(files: readonly string[]): Promise<boolean> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.every((size) => size === 0);
}

async function dropResults(database: Database, table: string): Promise<void> {
  database.unseen.delete(`tables.main.${name(table)}`);
  const [view] = await database.all(
    `select 1 from duckdb_views() where database_name = 'tables' and schema_name = 'main' and view_name = ${text(table)}`,
  );
  await database.run(`drop ${view === undefined ? 'table' : 'view'} if exists tables.main.${name(table)}`);
}

async function addResults(
  database: Database,
  report: Report,
  request: Request,
  parts: readonly string[],
  columns: Columns | null,
): Promise<GoodSqlResult> {
  try {
    // --retry-failed asked `good.sql` of the answers of before.
    await dropResults(database, request.name);
    const measured = await measure(parts);
    if (isLarge(measured, database))
      await createLargeResults(database, report, request, parts, measured, columns);
    else await createResults(database, report, request, partLines(parts, measured.longest), columns);
    return await judge(database, request.name);
  } catch (error) {
    if (error instanceof ReportError || error instanceof StoreError) throw error;
    throw reportErrorAt(
      report,
      request.place,
      `the table of '${request.name}' can't be made: ${inWords(refusalOf(error), [])}`,
    );
  }
}

/** The files that a report names: SQL may read and write these and no others. */
function accessOf(report: Report, startedAt: Date): readonly string[] {
  const read = [report.rows, ...report.requests.map(({ rows }) => rows)].flatMap(filesOf);
  const written = report.dumps.flatMap((dump) => filesWritten(dump, report, startedAt));
  return [...read, ...written];
}

function filesOf(rows: RowsFrom | null): readonly string[] {
  if (rows === null || 'inline' in rows) return [];
  return 'sql' in rows ? Object.values(rows.files).map(({ file }) => file) : [rows.file];
}
