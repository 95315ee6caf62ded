import { type Database, name, type Unseen } from './database.ts';
import { missedColumn } from './fault.ts';
import type { Columns } from './structure.ts';

/** The type of a column without a known value. */
const UNSEEN = 'NULL';

/** Columns by name, without their types. */
export function untyped(names: readonly string[]): Columns {
  return Object.fromEntries(names.map((column) => [column, UNSEEN]));
}

/** Whether these are columns of rows that nobody has seen; when there are none, their names are not known either. */
export function isUnseen(columns: Columns | null): columns is Columns {
  return columns !== null && Object.values(columns).every((type) => type === UNSEEN);
}

/** Makes the view `table`, a name in SQL. */
export async function createUnseen(
  database: Database,
  table: string,
  columns: readonly string[],
  typed: readonly string[] = [],
): Promise<void> {
  const unseen = { typed, columns: new Set(columns), open: columns.length === 0 };
  await database.run(`create ${viewOf(table, unseen)}`);
  database.unseen.set(table, unseen);
}

/** Puts such a view in the place of an empty table, with the same columns. */
export async function forgetTypes(database: Database, table: string): Promise<void> {
  const columns = await takeColumns(database, table);
  await createUnseen(
    database,
    table,
    columns.map(({ column }) => column),
  );
}

/** Puts such a view in the place of an empty table of results, whose own columns keep their types. */
export async function addUnseen(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<void> {
  const results = (await takeColumns(database, table)).filter(({ column }) => column !== 'row');
  const typed = results.map(({ column, type }) => `null::${type} as ${name(column)}`);
  const row = columns.map((column) => `${name(column)}: null`).join(', ');
  await createUnseen(database, table, columns, [...typed, `${row === '' ? 'null' : `{${row}}`} as row`]);
}

/** Drops a table and tells which columns it had. */
async function takeColumns(database: Database, table: string) {
  const columns = await database.all(
    `select column_name as name, column_type as type from (describe ${table})`,
  );
  await database.run(`drop table ${table}`);
  return columns.map((found) => ({ column: String(found.name), type: String(found.type) }));
}

/** Drops a table that may be such a view, if it is there. */
export async function dropTable(database: Database, table: string): Promise<void> {
  const kind = database.unseen.delete(table) ? 'view' : 'table';
  await database.run(`drop ${kind} if exists ${table}`);
}

/** Does what SQL asks for, once more for each column that it names and that may be there. */
export async function withUnseen<Value>(database: Database, work: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(await addColumn(database, missedColumn(error)))) throw error;
    }
  }
}

/** Adds a column to all views whose columns are not known. Returns whether that made any difference. */
async function addColumn(database: Database, column: string | null): Promise<boolean> {
  if (column === null) return false;
  const lacking = [...database.unseen].filter(([, { open, columns }]) => open && !columns.has(column));
  for (const [table, unseen] of lacking) {
    const grown = { ...unseen, columns: new Set([...unseen.columns, column]) };
    await database.run(`create or replace ${viewOf(table, grown)}`);
    database.unseen.set(table, grown);
  }
  return lacking.length > 0;
}

/** The SQL before `table` that creates a table of this name. */
export function kindOf(table: string): 'temp ' | '' {
  return table.startsWith('temp.') ? 'temp ' : '';
}

function viewOf(table: string, { typed, columns }: Unseen): string {
  const nulls = [...columns].map((column) => `null as ${name(column)}`);
  const selected = [...typed, ...nulls];
  return `${kindOf(table)}view ${table} as select ${selected.join(', ') || 'null as empty'} where false`;
}
