import type { Database } from '../crunch/database.ts';
import type { Row } from '../report.ts';
import { type Column, cellText, columnsOf, tableName } from './columns.ts';

/** A table in Markdown (GitHub Flavored Markdown §4.10), line by line; numbers stand to the right. */
export async function* markdownLines(database: Database, table: string): AsyncGenerator<string> {
  const columns = await columnsOf(database, table);
  yield* headLines(columns);
  for await (const batch of database.batches(`from ${tableName(table)}`))
    yield batch.map((row) => rowLine(columns, row)).join('');
}

/** The first rows of a table in Markdown. */
export function markdownOf(columns: readonly Column[], rows: readonly Row[]): string {
  return [...headLines(columns), ...rows.map((row) => rowLine(columns, row))].join('');
}

function* headLines(columns: readonly Column[]): Generator<string> {
  yield `| ${columns.map(({ name }) => cell(name)).join(' | ')} |\n`;
  const rules = columns.map(({ kind }) => (kind === 'whole' || kind === 'real' ? '---:' : '---'));
  yield `| ${rules.join(' | ')} |\n`;
}

function rowLine(columns: readonly Column[], row: Row): string {
  return `| ${columns.map(({ name }) => cell(cellText(row[name]))).join(' | ')} |\n`;
}

/** Nothing in a cell ends it, and nothing is taken for HTML. */
function cell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/\s*[\r\n]+\s*/g, ' ');
}
