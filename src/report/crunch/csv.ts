import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { StoreError } from '../../store/index.ts';
import { type Database, name, text } from './database.ts';
import { FaultyFile, refusalOf } from './fault.ts';

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Reads a CSV file, once, into the table `staged`, and gives what to select of it. A column is a number where every value
 * is written as that number is: 007, 1.10 and +49 are text and stay as they are.
 *
 * @throws FaultyFile
 */
export async function stageCsv(database: Database, file: string, staged: string): Promise<string> {
  const columns = await stage(database, file, staged).catch((error: Error) => {
    const isTold = error instanceof FaultyFile || error instanceof StoreError;
    throw isTold ? error : new FaultyFile(inWords(error, file), { cause: error });
  });
  const [counts] = await database.all(
    `select ${columns.map((column, at) => countsOf(name(column), at)).join(', ')} from ${staged}`,
  );
  return columns.map((column, at) => typed(name(column), at, counts!)).join(', ');
}

/** Reads the file into a table of texts, and gives its columns. */
async function stage(database: Database, file: string, staged: string): Promise<readonly string[]> {
  const lines = readCsv(file, '\u0001', ['line'], "header = false, quote = '', escape = ''");
  const [first] = await database.all(`select line from ${lines} limit 1`);
  if (first === undefined || first.line === null)
    throw new FaultyFile(`${basename(file)} is empty; its first line names the columns`);
  const { delimiter, columns } = headerOf(String(first.line), file);
  const source = readCsv(file, delimiter, columns, `header = true, quote = '"', escape = '"'`);
  await database.run(`create table ${staged} as select * from ${source}`);
  return columns;
}

function readCsv(file: string, delimiter: string, columns: readonly string[], how: string): string {
  const types = columns.map((column) => `${text(column)}: 'VARCHAR'`).join(', ');
  return `read_csv(${text(file)}, auto_detect = false, delim = ${text(delimiter)}, columns = {${types}}, ${how})`;
}

function headerOf(line: string, file: string): { delimiter: string; columns: readonly string[] } {
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, cells: cellsOf(line, delimiter) }));
  const { delimiter, cells } = counted.reduce((most, next) =>
    next.cells.length > most.cells.length ? next : most,
  );
  const columns = cells.map((cell) => cell.trim());
  const empty = columns.indexOf('');
  if (empty !== -1)
    throw new FaultyFile(`${basename(file)}, line 1: column ${empty + 1} has no name; give it one`);
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined)
    throw new FaultyFile(`${basename(file)}, line 1: the column '${twice}' is there twice; rename one`);
  return { delimiter, columns };
}

function cellsOf(line: string, delimiter: string): readonly string[] {
  try {
    return (parse(line, { delimiter, bom: true, relax_quotes: true }) as string[][])[0] ?? [];
  } catch {
    return [];
  }
}

/** Numbers that a double holds exactly and that are written as JavaScript writes them. */
const WHOLE = '0|-?[1-9]\\d{0,14}';
const NUMBER = `${WHOLE}|-?(0|[1-9]\\d{0,8})\\.\\d{0,5}[1-9]`;

function countsOf(column: string, at: number): string {
  return (
    `count(${column}) as n${at}, count(*) filter (regexp_full_match(${column}, ${text(WHOLE)})) as i${at}, ` +
    `count(*) filter (regexp_full_match(${column}, ${text(NUMBER)})) as d${at}, ` +
    `count(*) filter (${column} in ('true', 'false')) as b${at}`
  );
}

function typed(column: string, at: number, counts: Readonly<Record<string, unknown>>): string {
  const all = counts[`n${at}`];
  if (all === 0) return column;
  if (counts[`i${at}`] === all) return `${column}::bigint as ${column}`;
  if (counts[`d${at}`] === all) return `${column}::double as ${column}`;
  if (counts[`b${at}`] === all) return `${column}::boolean as ${column}`;
  return column;
}

function inWords(error: Error, file: string): string {
  const { message } = refusalOf(error);
  const line = /Line: (\d+)/.exec(message)?.[1];
  const where = line === undefined ? basename(file) : `${basename(file)}, line ${line}`;
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (columns !== null) return `${where}: ${columns[2]} columns, where the first line has ${columns[1]}`;
  if (message.includes('unterminated quote')) return `${where}: a quote that is not closed`;
  if (message.includes('not utf-8')) return `${where}: not UTF-8; save the file in that encoding`;
  if (message.includes('reached an invalid state'))
    return `${where}: its lines end with CR here and LF there; save it with one of them`;
  return `${where}: ${message.split('\n')[0]}`;
}
