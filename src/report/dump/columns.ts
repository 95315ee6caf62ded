import type { DuckDBType } from '@duckdb/node-api';
import type { Database } from '../crunch/database.ts';
import { name } from '../crunch/database.ts';

/** A column of a table that is dumped. */
export interface Column {
  readonly name: string;
  readonly kind: 'whole' | 'real' | 'boolean' | 'text' | 'nested';
}

/** The columns of a table, and what their values are. */
export async function columnsOf(database: Database, table: string): Promise<readonly Column[]> {
  const kindOf = kinds(database);
  const described = (await database.describe(`from ${tableName(table)}`)) ?? [];
  return described.map(({ column, type }) => ({ name: column, kind: kindOf(type) }));
}

/** A table of the run, in SQL. */
export function tableName(table: string): string {
  return `tables.main.${name(table)}`;
}

export async function rowCount(database: Database, table: string): Promise<number> {
  const [counted] = await database.all(`select count(*) as rows from ${tableName(table)}`);
  return counted!.rows as number;
}

function kinds({ duckdb: { DuckDBTypeId: id } }: Database): (type: DuckDBType) => Column['kind'] {
  const whole = new Set<number>([
    ...[id.TINYINT, id.SMALLINT, id.INTEGER, id.BIGINT, id.HUGEINT],
    ...[id.UTINYINT, id.USMALLINT, id.UINTEGER, id.UBIGINT, id.UHUGEINT],
  ]);
  const real = new Set<number>([id.FLOAT, id.DOUBLE, id.DECIMAL]);
  const nested = new Set<number>([id.LIST, id.STRUCT, id.MAP, id.ARRAY, id.UNION]);
  return ({ typeId, alias }) => {
    if (whole.has(typeId)) return 'whole';
    if (real.has(typeId)) return 'real';
    if (typeId === id.BOOLEAN) return 'boolean';
    return nested.has(typeId) || alias === 'JSON' ? 'nested' : 'text';
  };
}

/** A value as a person reads it; numbers with at most three decimals, small ones with three digits. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function numberText(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return String(Number(Math.abs(value) < 0.1 ? value.toPrecision(3) : value.toFixed(3)));
}
