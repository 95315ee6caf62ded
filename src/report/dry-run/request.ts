import type { Report, Request, Row } from '../report.ts';
import { refuseAbsentColumns, urlOver } from '../template/index.ts';

/** What one request is going to ask for. */
export interface RequestDryRun {
  readonly name: string;
  /** Over how many rows; null where they come out of earlier answers. */
  readonly rows: number | null;
  /** GETs by origin, most first. */
  readonly origins: readonly (readonly [origin: string, gets: number])[];
  /** Rows that can't be asked for, and why the first of them can't. */
  readonly unaskable: { readonly rows: number; readonly first: string } | null;
  /** Pages asked for of one row, at most. */
  readonly pages: number;
}

/**
 * Builds the URL of every row, as a run does. `seen` is called for each.
 *
 * @throws ReportError for a column that no row has.
 */
export async function dryRunOfRequest(
  request: Request,
  rows: AsyncIterable<Row>,
  report: Report,
  seen: () => void,
): Promise<RequestDryRun> {
  const urlOf = urlOver(request, report);
  const origins = new Map<string, number>();
  let count = 0;
  let failed = 0;
  let first = '';
  for await (const row of rows) {
    seen();
    if (count++ === 0) refuseAbsentColumns(request, Object.keys(row), report);
    const built = urlOf(row);
    const origin = 'url' in built ? originOf(built.url) : null;
    if (origin !== null) origins.set(origin, (origins.get(origin) ?? 0) + 1);
    else if (failed++ === 0) first = 'url' in built ? `'${built.url}' is no URL` : built.error;
  }
  return {
    name: request.name,
    rows: count,
    origins: [...origins].sort(([, one], [, other]) => other - one),
    unaskable: failed === 0 ? null : { rows: failed, first },
    pages: request.pages?.most ?? 1,
  };
}

/** Of a request whose rows are not known before the run. */
export function unknownDryRun({ name, pages }: Request): RequestDryRun {
  return { name, rows: null, origins: [], unaskable: null, pages: pages?.most ?? 1 };
}

/** Whether a request's rows come out of tables that only the run makes. */
export function needsTheRun(request: Request, earlier: readonly Request[]): boolean {
  return namesAny(request, ['rows', ...earlier.map(({ name }) => name)]);
}

/** Whether a request's rows come out of the answers of earlier ones. */
export function asksAnswers(request: Request, earlier: readonly Request[]): boolean {
  return namesAny(
    request,
    earlier.map(({ name }) => name),
  );
}

/** Whether the SQL of a request's rows names one of these tables. */
function namesAny({ rows }: Request, tables: readonly string[]): boolean {
  if (rows === null || !('sql' in rows)) return false;
  const words = new Set(rows.sql.toLowerCase().match(/\w+/g));
  return tables.some((table) => words.has(table.toLowerCase()));
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
