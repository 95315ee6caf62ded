import { didYouMean } from '../../document/index.ts';
import { reportErrorAt } from '../error.ts';
import type { Report, Row, RowsFrom } from '../report.ts';
import { type Database, name } from './database.ts';
import { FaultyFile } from './fault.ts';
import { createFromFile, fileRows, stagedName, staging } from './files.ts';
import { runSelect } from './query.ts';
import { RESULT_COLUMNS } from './results.ts';
import { dropTable } from './unseen.ts';

/**
 * The rows of a source, each with every column, in an order that is the same every time.
 *
 * @throws ReportError for a file that can't be read, SQL that DuckDB refuses, and names that results have.
 */
export async function* rowsOf(
  from: RowsFrom,
  database: Database,
  report: Report,
  kept: KeptRows = new Map(),
): AsyncGenerator<Row> {
  let named: ((row: Row) => Row) | undefined;
  try {
    for await (const batch of batchesOf(from, database, report, kept)) {
      if (batch.length === 0) continue;
      named ??= naming(Object.keys(batch[0]!), from, report);
      for (const row of batch) yield named(row);
    }
  } catch (error) {
    throw faultyRows(error, from, report);
  }
}

/** Tables of what queries returned. */
export type KeptRows = Map<RowsFrom, string>;

/** An error at the place of the rows, where it is one of their file. */
export function faultyRows(error: unknown, from: RowsFrom, report: Report): unknown {
  return error instanceof FaultyFile ? reportErrorAt(report, from.place, error.message) : error;
}

function batchesOf(
  from: RowsFrom,
  database: Database,
  report: Report,
  kept: KeptRows,
): AsyncIterable<readonly Row[]> | Iterable<readonly Row[]> {
  if ('inline' in from) return [inlineRows(from.inline)];
  if (!('sql' in from)) return fileRows(database, from);
  // Rows are read twice where some columns may not be written: now() must not give others the second time.
  return report.secret.length > 0 ? keptRows(from, database, report, kept) : sqlRows(from, database, report);
}

/** The same rows, each with all columns, and with nothing in them that JSON could not hold. */
export function inlineRows(rows: readonly Row[]): readonly Row[] {
  const none = Object.fromEntries(rows.flatMap((row) => Object.keys(row)).map((key) => [key, null]));
  return rows.map((row) => ({ ...none, ...(plain(row) as Row) }));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), plain(inner)]));
}

type SqlRows = Extract<RowsFrom, { readonly sql: string }>;

/** What a query returns, kept before the first row is given: it is asked once. */
function sqlRows(from: SqlRows, database: Database, report: Report): AsyncIterable<readonly Row[]> {
  return staging(database, async function* (table) {
    await stageQuery(from, database, report, table);
    yield* database.rowsInOrder(table);
  });
}

/** The same, kept until the database is closed: the same rows every time. */
async function* keptRows(
  from: SqlRows,
  database: Database,
  report: Report,
  kept: KeptRows,
): AsyncGenerator<readonly Row[]> {
  const table = kept.get(from) ?? stagedName();
  if (!kept.has(from)) await stageQuery(from, database, report, table);
  kept.set(from, table);
  yield* database.rowsInOrder(table);
}

async function stageQuery(from: SqlRows, database: Database, report: Report, table: string): Promise<void> {
  await withFiles(from, database, async () => {
    await database.withOneThread(() => runSelect(database, report, from, `create table ${table} as\n`));
  });
}

/** Does `work` while the files of a query are its tables. @throws FaultyFile */
export async function withFiles<Value>(
  { files }: SqlRows,
  database: Database,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    for (const [table, file] of Object.entries(files)) await createFromFile(database, temporary(table), file);
    return await work();
  } finally {
    for (const table of Object.keys(files)) await dropTable(database, temporary(table));
  }
}

/** The name in SQL of a table of a file. */
export function temporary(table: string): string {
  return `temp.main.${name(table)}`;
}

/** Gives columns the names that the report gives them. @throws ReportError when SQL could not tell them apart then. */
function naming(columns: readonly string[], from: RowsFrom, report: Report): (row: Row) => Row {
  const { rename = {} } = from;
  const missing = Object.keys(rename).find((old) => !columns.includes(old));
  if (missing !== undefined) {
    const text = `rename: there is no column '${missing}'${didYouMean(missing, columns)}`;
    throw reportErrorAt(report, from.place, text);
  }
  const names = namesOf(columns, from);
  const fault = collisionOf(names, columns, from);
  if (fault !== null) throw reportErrorAt(report, from.place, fault);
  if (Object.keys(rename).length === 0) return (row) => row;
  return (row) => Object.fromEntries(columns.map((column, at) => [names[at]!, row[column] ?? null]));
}

/** The names that columns have after `rename`. */
export function namesOf(columns: readonly string[], { rename = {} }: RowsFrom): readonly string[] {
  return columns.map((column) => (Object.hasOwn(rename, column) ? rename[column]! : column));
}

/** What is wrong with names that SQL takes for one, or that results have; and the rename that helps. */
export function collisionOf(
  names: readonly string[],
  columns: readonly string[],
  from: RowsFrom,
): string | null {
  const lower = names.map((column) => column.toLowerCase());
  for (const [at, column] of names.entries()) {
    const other = lower.indexOf(lower[at]!);
    const taken = RESULT_COLUMNS.has(lower[at]!);
    if (other === at && !taken) continue;
    const fresh = `row_${lower[at]}`;
    const how =
      'sql' in from
        ? `name it otherwise: select ${column} as ${fresh}`
        : `give it another name beside the source: rename: { ${columns[at]}: ${fresh} }`;
    return taken
      ? `the rows have a column '${column}', and so have the results; ${how}`
      : `the rows have columns '${names[other]}' and '${column}', which SQL can't tell apart; ${how}`;
  }
  return null;
}
