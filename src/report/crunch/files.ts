import { basename } from 'node:path';
import { StoreError } from '../../store/index.ts';
import { isNestedTooDeep, MOST_NESTED } from '../../trace/index.ts';
import type { Row, RowsFile } from '../report.ts';
import { stageCsv } from './csv.ts';
import { type Database, text } from './database.ts';
import { FaultyFile, refusalOf } from './fault.ts';
import { type Columns, columnsOf } from './structure.ts';
import { createUnseen, forgetTypes, isUnseen, kindOf } from './unseen.ts';
import { parseJson } from './values.ts';

let staged = 0;

/** A unique name for a table in memory. */
export function stagedName(): string {
  return `memory.main.staged_${++staged}`;
}

/** Does `work` with a unique name for a table, and then drops the table. */
export async function* staging<Value>(
  database: Database,
  work: (table: string) => AsyncIterable<Value>,
): AsyncGenerator<Value> {
  const table = stagedName();
  try {
    yield* work(table);
  } finally {
    await database.run(`drop table if exists ${table}`);
  }
}

/** The rows of a file in its order, each with every column. @throws FaultyFile */
export async function* fileRows(database: Database, source: RowsFile): AsyncGenerator<readonly Row[]> {
  const file = await database.copies.of(source.file);
  switch (source.format) {
    case 'csv':
      return yield* staging(database, async function* (table) {
        const columns = await stageCsv(database, file, table);
        yield* database.rowsInOrder(table, columns);
      });
    case 'jsonl':
      return yield* jsonRows(database, file);
    case 'parquet':
      return yield* parquetRows(database, file);
  }
}

async function* parquetRows(database: Database, file: string): AsyncGenerator<readonly Row[]> {
  try {
    yield* database.batches(`select * from read_parquet(${text(file)})`);
  } catch (error) {
    throw faulty(error, file);
  }
}

/** As the file says them: SQL would make its own of values that come in several types. */
async function* jsonRows(database: Database, file: string): AsyncGenerator<readonly Row[]> {
  const source = jsonLines(file);
  try {
    await refuseNested(database, file);
    const keys = await database.all(
      `select json_keys(json) as keys from (select json, row_number() over () as line from ${source})
       group by json_keys(json) order by min(line)`,
    );
    const columns = keys.flatMap((row) => (row.keys as string[] | null) ?? []);
    const none = Object.fromEntries(columns.map((column) => [column, null]));
    for await (const batch of database.batches(`select json::varchar as json from ${source}`))
      yield batch.map(({ json }) => ({ ...none, ...(parseJson(json as string) as Row) }));
  } catch (error) {
    throw faulty(error, file);
  }
}

/** Makes the table `table`, a name in SQL, of a file; each column has its type. @throws FaultyFile */
export async function createFromFile(
  database: Database,
  table: string,
  { file: address, format }: RowsFile,
): Promise<void> {
  const file = await database.copies.of(address);
  try {
    if (format === 'csv') await createFromCsv(database, table, file);
    else if (format === 'parquet')
      await database.run(
        `create ${kindOf(table)}table ${table} as select * from read_parquet(${text(file)})`,
      );
    else await createFromLines(database, table, file, await columnsOfLines(database, file));
  } catch (error) {
    throw faulty(error, file);
  }
}

async function createFromCsv(database: Database, table: string, file: string): Promise<void> {
  const staged = stagedName();
  try {
    const columns = await stageCsv(database, file, staged);
    await database.run(`create ${kindOf(table)}table ${table} as select ${columns} from ${staged}`);
  } finally {
    await database.run(`drop table if exists ${staged}`);
  }
  const [counted] = await database.all(`select count(*) as rows from ${table}`);
  if (counted!.rows === 0) await forgetTypes(database, table);
}

/** The columns that the objects of a file of JSON Lines have; null when it has none. */
export async function columnsOfLines(database: Database, file: string): Promise<Columns | null> {
  await refuseNested(database, file);
  return columnsOf(database, `select json as data from ${jsonLines(file)}`);
}

/** Makes the table `table` of JSON Lines with these columns; null: they are not known. */
export async function createFromLines(
  database: Database,
  table: string,
  file: string,
  columns: Columns | null,
): Promise<void> {
  if (columns === null) return createUnseen(database, table, []);
  if (isUnseen(columns)) return createUnseen(database, table, Object.keys(columns));
  const types = text(JSON.stringify(columns));
  await database.run(
    `create ${kindOf(table)}table ${table} as select unnest(from_json(json, ${types})) from ${jsonLines(file)}`,
  );
}

/** DuckDB overflows its stack on a deeply nested value, which ends the process. @throws FaultyFile */
async function refuseNested(database: Database, file: string): Promise<void> {
  const suspects = `select line, json from (select json::varchar as json, row_number() over () as line from ${jsonLines(file)})
    where strlen(json) > ${2 * MOST_NESTED} and strlen(json) - strlen(translate(json, '[{', '')) > ${MOST_NESTED}`;
  for await (const rows of database.batches(suspects))
    for (const { line, json } of rows)
      if (isNestedTooDeep(json as string))
        throw new FaultyFile(
          `${basename(file)}, row ${line}: arrays and objects are nested more than ${MOST_NESTED} deep`,
        );
}

function jsonLines(file: string): string {
  return `read_ndjson_objects(${text(file)})`;
}

function faulty(error: unknown, file: string): Error {
  if (error instanceof FaultyFile || error instanceof StoreError) return error;
  const { message } = refusalOf(error);
  // DuckDB counts the line after the one in which it stopped.
  const json = /at byte (\d+) in line (\d+): (.*)/.exec(message);
  const why = json === null ? message.split('\n')[0]! : inWords(json[3]!);
  const where = json === null ? basename(file) : `${basename(file)}, line ${Number(json[2]) - 1}`;
  return new FaultyFile(`${where}: ${why}`, { cause: error });
}

function inWords(fault: string): string {
  if (fault.includes('byte order mark'))
    return 'it begins with a byte order mark; save it as UTF-8 without one';
  if (fault.includes('unexpected content after document'))
    return 'more than one JSON value is in this line; end each line with LF or CRLF';
  return fault.replace(/[.\s]+$/, '');
}
