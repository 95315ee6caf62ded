import type { GoodSqlResult, Report, Request } from '../report.ts';
import { type Database, name, text } from './database.ts';
import { faultySql } from './fault.ts';
import { type Columns, columnsOf } from './structure.ts';
import { addUnseen, isUnseen, withUnseen } from './unseen.ts';

/** The columns of a request's table before those of its rows: schema/result.json, as SQL names it. */
export const RESULT_COLUMNS: ReadonlySet<string> = new Set([
  'index',
  'page',
  'input',
  'url',
  'final_url',
  'status',
  'error',
  'attempts',
  'started_at',
  'wait_ms',
  'connect_ms',
  'ttfb_ms',
  'total_ms',
  'bytes',
  'headers',
  'body',
  'body_text',
  'body_encoding',
  'row',
]);

/** What SQL takes of a line of a part. */
const PART: Readonly<Record<string, string>> = {
  index: 'BIGINT',
  page: 'INTEGER',
  input: 'VARCHAR',
  data: 'JSON',
  url: 'VARCHAR',
  finalUrl: 'VARCHAR',
  status: 'INTEGER',
  error: 'STRUCT(code VARCHAR, "text" VARCHAR)',
  attempts: 'INTEGER',
  startedAt: 'TIMESTAMPTZ',
  waitMs: 'DOUBLE',
  connectMs: 'DOUBLE',
  ttfbMs: 'DOUBLE',
  totalMs: 'DOUBLE',
  bytes: 'BIGINT',
  headers: 'JSON',
  body: 'VARCHAR',
  bodyEncoding: 'VARCHAR',
};

/** DuckDB's buffer for lines is twice as long as a line may be, for each thread. */
const LEAST_LINE_BYTES = 4 * 1024 * 1024;

/** Lines of parts, no more than `lineBytes` long each. */
export function partLines(files: readonly string[], lineBytes: number): string {
  if (files.length === 0) {
    const columns = Object.entries(PART).map(([column, type]) => `null::${type} as ${name(column)}`);
    return `(select ${columns.join(', ')} where false)`;
  }
  const columns = Object.entries(PART).map(([column, type]) => `${name(column)}: ${text(type)}`);
  return `read_json([${files.map(text).join(', ')}], format = 'newline_delimited',
    maximum_object_size = ${Math.max(lineBytes, LEAST_LINE_BYTES)}, columns = {${columns.join(', ')}})`;
}

/** Results as they came, until they stand in their table in order. */
const UNORDERED = `tables.main.${name('unordered results')}`;

/**
 * Makes the table of a request from lines of parts, in the order of its rows and pages. JSON that is none gets the error
 * `not-json`, and where `good.sql` is not true, `not-good`. `columns` are those of the rows; null: what the lines hold.
 *
 * @throws ReportError when DuckDB refuses `good.sql`.
 */
export async function createResults(
  database: Database,
  report: Report,
  request: Request,
  parts: string,
  columns: Columns | null,
): Promise<void> {
  if (isUnseen(columns)) return createNoResults(database, report, request, Object.keys(columns));
  await database.run(`create table ${UNORDERED} as ${withNames(parts)}`);
  try {
    const found = columns ?? (await columnsOf(database, `select data from ${UNORDERED}`));
    await database.transaction(() =>
      bringIntoOrder(database, report, request, withBodyAndRow(UNORDERED, found)),
    );
  } finally {
    await database.run(`drop table ${UNORDERED}`);
  }
}

/** Makes the table of a request whose rows nobody has seen, and holds `good.sql` against it. */
async function createNoResults(
  database: Database,
  report: Report,
  request: Request,
  columns: readonly string[],
): Promise<void> {
  const { sql } = request.good;
  await createResults(
    database,
    report,
    { ...request, good: { ...request.good, sql: null } },
    partLines([], 1),
    null,
  );
  const table = `tables.main.${name(request.name)}`;
  await addUnseen(database, table, columns);
  if (sql === null) return;
  const before = `select 1 from ${table} where (\n`;
  await withUnseen(database, () => database.all(`${before}${sql.sql}\n)`)).catch(async (error: unknown) => {
    throw faultySql(error, sql, before, report, await database.tables());
  });
}

/** Results by the names of SQL; their rows are JSON still, in `data`. */
export function withNames(parts: string): string {
  return `select index, page, input, url, finalUrl as final_url, status, error, attempts, startedAt as started_at,
    waitMs as wait_ms, connectMs as connect_ms, ttfbMs as ttfb_ms, totalMs as total_ms, bytes, headers,
    body as body_text, bodyEncoding as body_encoding, data from ${parts}`;
}

/** Results with their bodies as JSON, and their rows: as the struct `row`, and its columns beside. */
export function withBodyAndRow(results: string, columns: Columns | null): string {
  const row = columns === null ? 'null::json' : `from_json(data, ${text(JSON.stringify(columns))})`;
  return `
    select index, page, input, url, final_url, status,
      case when error is null and body is null and body_text <> '' and ${SAYS_JSON}
        then {code: 'not-json', text: 'content-type says JSON, but the body can''t be read as such'}
        else error end as error,
      attempts, started_at, wait_ms, connect_ms, ttfb_ms, total_ms, bytes, headers, body, body_text, body_encoding, row
      ${columns === null ? '' : ', row.*'}
    from (
      select *, case when body_encoding = 'utf8' then try_cast(body_text as json) end as body, ${row} as row
      from ${results})`;
}

/** RFC 6839 §3.1: application/json, and application/problem+json. */
const SAYS_JSON = `regexp_matches(headers->>'content-type', '^[^;]*[/+]json\\s*(;|$)', 'i')`;

async function bringIntoOrder(
  database: Database,
  report: Report,
  { name: table, good }: Request,
  results: string,
): Promise<void> {
  await database.run(`create table ${name(table)} as ${results} limit 0`);
  for (const [from, to] of await slices(database)) {
    const slice = `(${results}) where index >= ${from} and index < ${to} order by index, page`;
    await insertJudged(database, report, good, name(table), slice);
  }
}

/** Inserts results into a table; those for which `good.sql` is not true get their error. */
export async function insertJudged(
  database: Database,
  report: Report,
  { sql }: Request['good'],
  table: string,
  results: string,
): Promise<void> {
  const before = `insert into ${table} select * ${sql === null ? '' : 'replace (case when error is null and (\n'}`;
  const judged =
    sql === null ? '' : `${sql.sql}\n) is not true then ${notGood(sql.sql)} else error end as error)`;
  try {
    await database.run(`${before}${judged} from ${results}`);
  } catch (error) {
    throw sql === null ? error : faultySql(error, sql, before, report, await database.tables());
  }
}

function notGood(condition: string): string {
  const written = condition.trim().replace(/\s+/g, ' ');
  return `{code: 'not-good', text: ${text(`the answer is not good: it is not true that ${written}`)}}`;
}

/** Bytes of results that are brought into order at once. */
const SLICE_BYTES = 24 * 1024 * 1024;
/** What a result takes besides its body. */
const RESULT_BYTES = 600;

/** Ranges of indexes, each of as many results as are brought into order at once; at least one. */
async function slices(database: Database): Promise<readonly (readonly [number, number])[]> {
  const [sums] = await database.all(
    `select coalesce(max(index), 0) + 1 as indexes,
       coalesce(sum(strlen(body_text)), 0)::double + count(*) * ${RESULT_BYTES} as bytes from ${UNORDERED}`,
  );
  const { indexes, bytes } = sums as { indexes: number; bytes: number };
  const width = Math.max(1, Math.ceil(indexes / Math.max(1, Math.ceil(bytes / SLICE_BYTES))));
  return Array.from({ length: Math.ceil(indexes / width) }, (_, at) => [at * width, (at + 1) * width]);
}

/** How many results there are, and which of them were found not good only here. */
export async function judge(database: Database, table: string): Promise<GoodSqlResult> {
  const late = `from ${name(table)} where error.code in ('not-good', 'not-json')`;
  const [counted] = await database.all(`select count(*) as results from ${name(table)}`);
  const indexes = await database.all(`select distinct index ${late} order by index`);
  const [example] = await database.all(`select url, error.text as text ${late} order by index, page limit 1`);
  return {
    results: counted!.results as number,
    notGood: indexes.map(({ index }) => index as number),
    example: example === undefined ? null : { url: String(example.url), text: String(example.text) },
  };
}
