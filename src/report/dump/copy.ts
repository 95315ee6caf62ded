import { csvSafe, FORMULA_STARTS, NUMBER } from '../../store/index.ts';
import { type Database, name, text } from '../crunch/database.ts';
import { type Column, columnsOf, tableName } from './columns.ts';

interface CopyFormat {
  readonly kind: 'csv' | 'jsonl' | 'parquet';
  /** No cell of a CSV file is one that a spreadsheet takes for a formula. */
  readonly csvSafe: boolean;
}

/** Rows of a group in Parquet: DuckDB's own 122,880 are hundreds of megabytes where a row holds an answer. */
const PARQUET_ROWS = 32_768;

/** Writes a table to a file in a format that DuckDB has, in the table's order. `path` says how it is packed. */
export async function copyTable(
  database: Database,
  table: string,
  { kind, csvSafe: isSafe }: CopyFormat,
  path: string,
  to: string,
): Promise<void> {
  const selected = kind === 'csv' && isSafe ? withoutFormula : SELECTED[kind];
  const columns = (await columnsOf(database, table)).map(selected).join(', ');
  const select = `select ${columns} from ${tableName(table)}`;
  await database.run(`copy (${select}) to ${text(to)} (use_tmp_file false, ${optionsOf(kind, path)})`);
}

const SELECTED: Readonly<Record<CopyFormat['kind'], (column: Column) => string>> = {
  // A cell that holds JSON can be read again.
  csv: ({ name: column, kind }) =>
    kind === 'nested' ? `to_json(${name(column)}) as ${name(column)}` : name(column),
  // JSON has no NaN and no Infinity (RFC 8259 §6).
  jsonl: ({ name: column, kind }) =>
    kind === 'real'
      ? `case when isfinite(${name(column)}::double) then ${name(column)} end as ${name(column)}`
      : name(column),
  parquet: ({ name: column }) => name(column),
};

/** The column of a CSV file and its name; numbers of the table stay as they are. */
function withoutFormula({ name: column, kind }: Column): string {
  const as = `as ${name(csvSafe(column))}`;
  if (kind !== 'text' && kind !== 'nested') return `${name(column)} ${as}`;
  const cell = kind === 'nested' ? `to_json(${name(column)})::varchar` : `${name(column)}::varchar`;
  return `case when regexp_matches(${cell}, ${text(`^[${FORMULA_STARTS}]`)})
    and not regexp_full_match(${cell}, ${text(NUMBER)}) then '''' || ${cell} else ${cell} end ${as}`;
}

function optionsOf(kind: CopyFormat['kind'], path: string): string {
  if (kind === 'parquet') return `format parquet, compression zstd, row_group_size ${PARQUET_ROWS}`;
  const packing = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none';
  return kind === 'csv'
    ? `format csv, header true, compression ${packing}`
    : `format json, compression ${packing}`;
}
