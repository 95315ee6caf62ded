import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { didYouMean } from '../../document/index.ts';
import { type Database, name, text } from '../crunch/database.ts';
import { ReportError } from '../error.ts';
import type { Dump } from '../report.ts';
import { type Column, columnsOf, tableName } from './columns.ts';

type DuckDBFile = Extract<Dump['to'], { readonly kind: 'duckdb' }>;

/**
 * Writes a table into a DuckDB file, in one transaction; other tables do not change. Columns go by their names:
 * with `append` and `upsert` the table there may have more of them.
 */
export async function writeDuckDB(
  database: Database,
  table: string,
  { mode, key }: DuckDBFile,
  path: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await database.run(`attach ${text(path)} as target`);
  try {
    await database.transaction(async () => {
      const [there] = await database.all(
        `select 1 from duckdb_tables() where database_name = 'target' and schema_name = 'main' and lower(table_name) = lower(${text(table)})`,
      );
      const target = `target.main.${name(table)}`;
      if (mode === 'replace' || there === undefined) {
        if (mode === 'upsert') await refuseEqualKeys(database, table, key);
        await database.run(`create or replace table ${target} as from ${tableName(table)}`);
        return;
      }
      await refuseNewColumns(database, table, target);
      if (mode === 'append') await database.run(`insert into ${target} by name from ${tableName(table)}`);
      else await upsert(database, table, target, key);
    });
  } finally {
    await database.run('detach target');
  }
}

async function upsert(
  database: Database,
  table: string,
  target: string,
  key: readonly string[],
): Promise<void> {
  await refuseEqualKeys(database, table, key);
  const same = key
    .map((column) => `old.${name(column)} is not distinct from new.${name(column)}`)
    .join(' and ');
  await database.run(
    `merge into ${target} as old using ${tableName(table)} as new on ${same}
     when matched then update by name when not matched then insert by name`,
  );
}

/** @throws ReportError where the table lacks a column that names its rows. */
export function refuseMissingKey(columns: readonly Column[], table: string, key: readonly string[]): void {
  const known = columns.map((column) => column.name);
  const missing = key.find((column) => !known.some((there) => there.toLowerCase() === column.toLowerCase()));
  if (missing !== undefined)
    throw new ReportError(
      `'${table}' has no column '${missing}', which key names${didYouMean(missing, known)}`,
    );
}

/** @throws ReportError where the table in the file lacks a column that rows would have. */
async function refuseNewColumns(database: Database, table: string, target: string): Promise<void> {
  const there = ((await database.describe(`from ${target}`)) ?? []).map(({ column }) => column.toLowerCase());
  const missing = (await columnsOf(database, table))
    .map((column) => column.name)
    .filter((column) => !there.includes(column.toLowerCase()));
  if (missing.length > 0)
    throw new ReportError(
      `the table in the file has no column ${missing.map((column) => `'${column}'`).join(', ')}: add it there, ` +
        'leave it out of the query, or take mode: replace',
    );
}

async function refuseEqualKeys(database: Database, table: string, key: readonly string[]): Promise<void> {
  refuseMissingKey(await columnsOf(database, table), table, key);
  const names = key.map(name).join(', ');
  const [twin] = await database.all(
    `select ${names}, count(*) as rows from ${tableName(table)} group by ${names} having count(*) > 1 limit 1`,
  );
  if (twin === undefined) return;
  const values = key.map((column) => `${column} = ${JSON.stringify(twin[column] ?? null)}`).join(', ');
  throw new ReportError(`${twin.rows} rows of '${table}' have the same key (${values}); upsert wants one`);
}
