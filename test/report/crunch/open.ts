import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type OpenTables, openTables } from '../../../src/report/crunch/index.ts';
import type { Query, Report, Request, Row, RowsFrom } from '../../../src/report/report.ts';
import { report } from '../run/reports.ts';

export const STARTED = new Date('2026-11-22T23:30:05Z');

/** SQL that stands in line 10, after four characters. */
export function query(name: string, sql: string): Query {
  return { name, sql, place: { line: 10, column: 5 } };
}

export function sqlRows(sql: string): RowsFrom {
  return { place: { line: 2, column: 9 }, sql, files: {} };
}

/** An empty folder, the report in it, and its open tables. */
export async function opened(
  t: TestContext,
  over: Partial<Report> | ((folder: string) => Partial<Report>) = {},
): Promise<{ folder: string; report: Report; tables: OpenTables }> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-crunch-'));
  const written = report(folder, typeof over === 'function' ? over(folder) : over);
  const tables = await openTables(written, { folder: join(folder, 'run'), startedAt: STARTED });
  t.after(async () => {
    await tables.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, report: written, tables };
}

export async function all(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** A line of a part: an answer of JSON that is good, unless `over` says otherwise. */
export function line(index: number, over: Row = {}): string {
  const body = JSON.stringify({ n: index });
  return `${JSON.stringify({
    index,
    page: 1,
    more: false,
    failed: false,
    chunk: 0,
    input: `http://127.0.0.1/${index}`,
    data: { host: index % 2 === 0 ? 'even' : 'odd', size: index },
    url: `http://127.0.0.1/${index}`,
    finalUrl: `http://127.0.0.1/${index}`,
    status: 200,
    error: null,
    attempts: 1,
    startedAt: '2026-11-22T06:00:00.123Z',
    waitMs: 0.5,
    connectMs: 0,
    ttfbMs: 1.25,
    totalMs: index + 0.5,
    bytes: body.length,
    headers: { 'content-type': 'application/json' },
    body,
    bodyEncoding: 'utf8',
    ...over,
  })}\n`;
}

/** Makes the table of a request of these lines, which lie in two parts. */
export async function addLines(
  { folder, tables }: { folder: string; tables: OpenTables },
  request: Request,
  lines: readonly string[],
) {
  const half = Math.ceil(lines.length / 2);
  const parts = [lines.slice(half), lines.slice(0, half)].map((some, at) => ({
    path: join(folder, 'run', `${request.name}-${at}.jsonl`),
    text: some.join(''),
  }));
  for (const { path, text } of parts) await writeFile(path, text);
  return tables.addResults(
    request,
    parts.map(({ path }) => path),
  );
}

/** All rows of a query. */
export function select({ database }: OpenTables, sql: string): Promise<readonly Row[]> {
  return database.all(sql);
}
