import type { DuckDBType } from '@duckdb/node-api';
import { reportErrorAt } from '../error.ts';
import type { Report, RowsFrom } from '../report.ts';
import { type Database, text } from './database.ts';
import { faultySql } from './fault.ts';
import { createFromFile } from './files.ts';
import { collisionOf, faultyRows, inlineRows, namesOf, temporary, withFiles } from './rows.ts';
import { type Columns, columnsOf, type Structure } from './structure.ts';
import { dropTable, isUnseen, untyped, withUnseen } from './unseen.ts';

/**
 * The columns of a source that says their types: SQL and Parquet. null for the others, whose rows must be looked at.
 *
 * @throws ReportError
 */
export async function declaredColumns(
  from: RowsFrom,
  database: Database,
  report: Report,
): Promise<Columns | null> {
  if ('inline' in from || ('format' in from && from.format !== 'parquet')) return null;
  return columnsOfSource(from, database, report);
}

/** The columns of a source, with the names that the report gives them, without secret ones. @throws ReportError */
export async function columnsOfSource(
  from: RowsFrom,
  database: Database,
  report: Report,
): Promise<Columns | null> {
  const found = await find(from, database, report).catch((error: unknown) => {
    throw faultyRows(error, from, report);
  });
  const columns = Object.keys(found ?? {});
  const names = namesOf(columns, from);
  const fault = collisionOf(names, columns, from);
  if (fault !== null) throw reportErrorAt(report, from.place, fault);
  const kept = names
    .map((column, at) => [column, found![columns[at]!]!] as const)
    .filter(([column]) => !report.secret.includes(column));
  return kept.length === 0 && !isUnseen(found) ? null : Object.fromEntries(kept);
}

async function find(from: RowsFrom, database: Database, report: Report): Promise<Columns | null> {
  if ('inline' in from) {
    const rows = text(JSON.stringify(inlineRows(from.inline)));
    return columnsOf(database, `select unnest(from_json(${rows}, '["JSON"]')) as data`);
  }
  if ('sql' in from) {
    return withFiles(from, database, async () => {
      const columns = await withUnseen(database, () => describe(database, from.sql)).catch(
        async (error: unknown) => {
          throw faultySql(error, from, '', report, await database.tables());
        },
      );
      const unseen = Object.keys(from.files).flatMap((table) => database.unseen.get(temporary(table)) ?? []);
      if (unseen.length === 0 || columns === null) return columns;
      return untyped(unseen.some(({ open }) => open) ? [] : Object.keys(columns));
    });
  }
  const table = temporary('described');
  try {
    await createFromFile(database, table, from);
    const unseen = database.unseen.get(table);
    return unseen === undefined ? await describe(database, `from ${table}`) : untyped([...unseen.columns]);
  } finally {
    await dropTable(database, table);
  }
}

async function describe(database: Database, sql: string): Promise<Columns | null> {
  const described = await database.describe(sql);
  if (described === null) return null;
  const structure = structures(database);
  return Object.fromEntries(described.map(({ column, type }) => [column, structure(type)]));
}

/** From types of DuckDB to what JSON is read as. */
function structures({ duckdb: { DuckDBTypeId: id } }: Database): (type: DuckDBType) => Structure {
  const plain = new Set<number>([
    ...[id.BOOLEAN, id.TINYINT, id.SMALLINT, id.INTEGER, id.BIGINT, id.HUGEINT],
    ...[id.UTINYINT, id.USMALLINT, id.UINTEGER, id.UBIGINT, id.UHUGEINT, id.FLOAT, id.DOUBLE, id.DECIMAL],
    ...[id.DATE, id.TIME, id.TIMESTAMP, id.TIMESTAMP_TZ, id.UUID],
  ]);
  const composed = new Set<number>([id.MAP, id.UNION, id.ARRAY]);
  const structure = (type: DuckDBType): Structure => {
    if (type.alias === 'JSON' || composed.has(type.typeId)) return 'JSON';
    if (plain.has(type.typeId)) return String(type);
    if (type.typeId === id.LIST) return [structure((type as unknown as { valueType: DuckDBType }).valueType)];
    if (type.typeId !== id.STRUCT) return 'VARCHAR';
    const { entryNames, entryTypes } = type as unknown as {
      readonly entryNames: readonly string[];
      readonly entryTypes: readonly DuckDBType[];
    };
    return Object.fromEntries(entryNames.map((entry, at) => [entry, structure(entryTypes[at]!)]));
  };
  return structure;
}
