import type { Database } from '../crunch/database.ts';
import type { Shown } from '../report.ts';
import { cellText, columnsOf, tableName } from './columns.ts';

/** Rows that a terminal is shown of a table. */
const MOST_ROWS = 40;

/** The first rows of a table, as text for people. */
export async function shownTable(database: Database, table: string): Promise<Shown> {
  const columns = await columnsOf(database, table);
  const rows = await database.all(`from ${tableName(table)} limit ${MOST_ROWS}`);
  const texts = columns.map(({ name, kind }) => {
    const values = rows.map((row) => row[name]);
    return kind === 'real' ? alignedNumbers(values) : values.map(cellText);
  });
  return {
    columns: columns.map(({ name, kind }) => ({ name, right: kind === 'whole' || kind === 'real' })),
    rows: rows.map((_, row) => texts.map((column) => column[row]!)),
  };
}

/** Numbers with as many decimals, so that their points stand below each other. */
function alignedNumbers(values: readonly unknown[]): readonly string[] {
  const plain = values.map(cellText);
  const decimals = Math.max(0, ...plain.map((text) => text.split('.')[1]?.length ?? 0));
  const fits = decimals <= 3 && plain.every((text) => !text.includes('e'));
  return values.map((value, at) =>
    fits && Number.isFinite(value) ? (value as number).toFixed(decimals) : plain[at]!,
  );
}
