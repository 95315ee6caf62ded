import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Report, Request, Row, RowsFrom, Tables } from '../../../src/report/report.ts';
import type { Crunch, RunOptions } from '../../../src/report/run/options.ts';
import { startReport } from '../../../src/report/run/run.ts';

const place = { line: 1, column: 1 };

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-report-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `{url}` of the row is asked for, whole. */
export function request(name: string, over: Partial<Request> = {}): Request {
  return {
    name,
    place,
    rows: null,
    url: {
      place,
      text: '{{url}}',
      parts: [{ column: 'url', offset: 0, fallback: null, whenThere: null }],
    },
    query: [],
    headers: [],
    auth: [],
    insecure: false,
    curves: null,
    ca: null,
    good: { status: [[200, 299]], contentType: null, sql: null },
    pages: null,
    cache: null,
    ...over,
  };
}

export function inline(rows: readonly Row[]): RowsFrom {
  return { place, inline: rows };
}

export function report(folder: string, over: Partial<Report> = {}): Report {
  return {
    file: join(folder, 'report.yaml'),
    text: '',
    folder,
    name: 'health',
    timezone: 'UTC',
    rows: null,
    requests: [request('health')],
    limits: {
      concurrency: 20,
      perOrigin: [],
      rate: null,
      perOriginRate: null,
      timeout: '10s',
      connectTimeout: '5s',
      firstByteTimeout: '5s',
      idleTimeout: '5s',
      retries: 0,
      maxRetryAfter: '1s',
      deadline: null,
      adapt: true,
      blockPrivate: false,
      maxBodyBytes: 1_000_000,
      maxMemoryBytes: 1_000_000_000,
    },
    crunch: [],
    checks: [],
    maxFailed: { count: 0 },
    dumps: [{ table: 'health', place, to: { kind: 'jsonl', path: join(folder, 'health.jsonl') } }],
    keep: 7,
    secret: [],
    testServer: null,
    ...over,
  };
}

/** Stands in for the database: what is dumped are the results, sorted, without times and attempts. */
export function crunch(over: Partial<Tables> = {}): Crunch {
  const results = new Map<string, readonly string[]>();
  const tables: Tables = {
    async *rows(from) {
      if ('inline' in from) yield* from.inline;
    },
    addRows: async () => {},
    async addResults(request, parts) {
      const lines = await Promise.all(
        parts.map(async (part) => (await readFile(part, 'utf8')).split('\n').slice(0, -1)),
      );
      const parsed = lines.flat().map((line) => JSON.parse(line));
      parsed.sort((one, other) => one.index - other.index || one.page - other.page);
      results.set(
        request.name,
        parsed.map(({ index, page, data, url, status, error, body }) =>
          JSON.stringify({ index, page, data, url, status, error, body }),
        ),
      );
      return { results: parsed.length, notGood: [], example: null };
    },
    query: async () => {},
    check: async ({ name }) => ({ name, good: true, rows: 0, first: [] }),
    close: async () => {},
    ...over,
  };
  return {
    openTables: async () => tables,
    async dump({ table, to }) {
      const lines = results.get(table) ?? [];
      if ('path' in to)
        await ('mode' in to ? appendFile : writeFile)(to.path, lines.map((line) => `${line}\n`).join(''));
      return { table, to: 'path' in to ? to.path : to.kind, rows: lines.length, shown: null };
    },
  };
}

export const OPTIONS: RunOptions = {
  mode: 'new',
  out: null,
  workers: 1,
  version: '0',
  command: ['abreast'],
  warnings: [],
};

export function start(report: Report, options: Partial<RunOptions> = {}, stand = crunch()) {
  return startReport(report, { ...OPTIONS, ...options }, async () => stand);
}

export function run(report: Report, options: Partial<RunOptions> = {}, stand = crunch()) {
  return start(report, options, stand).finished;
}

/** Names of the run folders of a report, the oldest first. */
export function runsOf({ folder, name }: Report): string[] {
  return readdirSync(join(folder, '.abreast', name)).sort();
}
