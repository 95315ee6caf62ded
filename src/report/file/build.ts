import { basename, dirname, extname } from 'node:path';
import type { Document, Path } from '../../document/index.ts';
import { DEFAULTS, defaultMaxMemory } from '../../fetch/index.ts';
import type { Limits, Pages, Query, Report, Request, RowsFrom } from '../report.ts';
import { buildAuth } from './auth.ts';
import { buildDump } from './dump.ts';
import { filledRows } from './inline.ts';
import { rowsFormat } from './paths.ts';
import type { PagesEntry, ReportFile, RequestEntry, RowsEntry } from './schema.ts';
import type { Site } from './site.ts';

/** A report of a file that has no fault. */
export function buildReport({ file, text }: Document, written: ReportFile, site: Site): Report {
  return {
    file,
    text,
    folder: dirname(file),
    name: written.name ?? nameOfFile(file),
    timezone: written.timezone ?? 'UTC',
    rows: written.rows === undefined ? null : buildRows(written.rows, ['rows'], site),
    requests: written.requests.map((entry, at) => buildRequest(entry, ['requests', at], site)),
    limits: buildLimits(written.limits ?? {}),
    crunch: buildQueries(written.crunch ?? [], 'crunch', site),
    checks: buildQueries(written.check ?? [], 'check', site),
    maxFailed: written.fail?.max ?? { count: 0 },
    dumps: (written.dump ?? []).map((entry, at) => buildDump(entry, ['dump', at], site)),
    keep: written.keep ?? 7,
    secret: secretsOf(written, site),
    testServer: testServerOf(written.testServer),
  };
}

function secretsOf({ secret = [], rows, requests }: ReportFile, site: Site): readonly string[] {
  const inline = [rows, ...requests.map((request) => request.rows)].filter((entry) => entry !== undefined);
  return [...new Set([...secret, ...inline.flatMap((entry) => site.secretColumns(entry, secret))])];
}

function testServerOf(written: ReportFile['testServer']): Report['testServer'] {
  if (typeof written === 'object') return written;
  return written ? { host: '127.0.0.1' } : null;
}

function nameOfFile(file: string): string {
  const name = basename(file, extname(file)).replace(/[^\w.-]/g, '-');
  return /^[A-Za-z0-9]/.test(name) ? name : `report${name}`;
}

function buildRows(entry: RowsEntry, path: Path, site: Site): RowsFrom {
  const rename = entry.rename === undefined ? {} : { rename: entry.rename };
  if (entry.inline !== undefined)
    return { place: site.place(path), ...rename, inline: filledRows(entry.inline, site.filled) };
  if (entry.sql !== undefined) {
    const files = Object.entries(entry.files ?? {}).map(([name, text]) => {
      const file = site.file(text);
      return [name, { file, format: rowsFormat(file)! }] as const;
    });
    return {
      place: site.place([...path, 'sql']),
      ...rename,
      sql: entry.sql,
      files: Object.fromEntries(files),
    };
  }
  for (const format of ['csv', 'jsonl', 'parquet'] as const) {
    const text = entry[format];
    if (text !== undefined)
      return { place: site.place([...path, format]), ...rename, file: site.file(text), format };
  }
  throw new Error('rows without a source passed the schema');
}

function buildRequest(entry: RequestEntry, path: Path, site: Site): Request {
  const fields = (key: 'query' | 'headers') =>
    Object.keys(entry[key] ?? {}).map((name) => ({
      name: key === 'headers' ? name.toLowerCase() : name,
      value: site.template([...path, key, name]),
    }));
  return {
    name: entry.name,
    place: site.place([...path, 'name']),
    rows: entry.rows === undefined ? null : buildRows(entry.rows, [...path, 'rows'], site),
    url: site.template([...path, 'url']),
    query: fields('query'),
    headers: fields('headers'),
    auth: buildAuth(entry.auth, [...path, 'auth'], site),
    insecure: entry.insecure ?? false,
    ca: entry.ca === undefined ? null : site.file(entry.ca),
    curves: entry.curves ?? null,
    good: {
      status: entry.good?.status === undefined ? [[200, 399]] : ranges(entry.good.status),
      contentType: entry.good?.contentType === undefined ? null : listOf(entry.good.contentType),
      sql:
        entry.good?.sql === undefined
          ? null
          : { name: entry.name, sql: entry.good.sql, place: site.place([...path, 'good', 'sql']) },
    },
    pages: entry.pages === undefined ? null : buildPages(entry.pages, [...path, 'pages'], site),
    cache: entry.cache === undefined ? null : site.file(entry.cache),
  };
}

type Range = readonly [number, number];

function ranges(status: Range | readonly Range[]): readonly Range[] {
  return typeof status[0] === 'number' ? [status as Range] : (status as readonly Range[]);
}

function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? value : [value as Value];
}

/** What each kind needs is there: the schema saw to it. */
function buildPages(entry: PagesEntry, path: Path, site: Site): Pages {
  const most = entry.most ?? 1000;
  const place = site.place([...path, entry.next === 'counter' ? 'items' : 'path']);
  switch (entry.next) {
    case 'link':
      return { place, most, next: 'link' };
    case 'url':
      return { place, most, next: 'url', path: entry.path! };
    case 'cursor':
      return { place, most, next: 'cursor', path: entry.path!, parameter: entry.parameter! };
    case 'counter':
      return {
        place,
        most,
        next: 'counter',
        parameter: entry.parameter!,
        start: entry.start ?? 1,
        step: entry.step ?? 1,
        items: entry.items!,
      };
  }
}

function buildLimits(entry: NonNullable<ReportFile['limits']>): Limits {
  return {
    concurrency: entry.concurrency ?? DEFAULTS.concurrency,
    perOrigin:
      typeof entry.perOrigin === 'number' ? [['*', entry.perOrigin]] : Object.entries(entry.perOrigin ?? {}),
    rate: entry.rate ?? null,
    perOriginRate: entry.perOriginRate ?? null,
    timeout: entry.timeout ?? DEFAULTS.timeout,
    connectTimeout: entry.connectTimeout ?? DEFAULTS.connectTimeout,
    firstByteTimeout: entry.firstByteTimeout ?? DEFAULTS.firstByteTimeout,
    idleTimeout: entry.idleTimeout ?? DEFAULTS.idleTimeout,
    retries: entry.retries ?? DEFAULTS.retries,
    maxRetryAfter: entry.maxRetryAfter ?? DEFAULTS.maxRetryAfter,
    deadline: entry.deadline ?? null,
    adapt: entry.adapt ?? true,
    blockPrivate: entry.blockPrivate ?? false,
    maxBodyBytes: entry.maxBody ?? DEFAULTS.maxBody,
    maxMemoryBytes: entry.memory ?? defaultMaxMemory(),
  };
}

function buildQueries(
  entries: readonly { readonly name: string; readonly sql: string }[],
  key: 'crunch' | 'check',
  site: Site,
): readonly Query[] {
  return entries.map(({ name, sql }, at) => ({ name, sql, place: site.place([key, at, 'sql']) }));
}
