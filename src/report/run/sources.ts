import { asksAnswers } from '../dry-run/index.ts';
import { ReportError } from '../error.ts';
import type { Report, Request, Row, RowsFrom, Tables } from '../report.ts';
import { refuseAbsentColumns } from '../template/index.ts';
import type { Crunch } from './options.ts';
import { hashOfRequests, type Plan, plannedRows } from './plan.ts';
import { countPlanned, countRows, rowsFile } from './rows.ts';

/** The table of the report's own rows. */
export const ROWS = 'rows';

/** Where a request's rows come from, and what they are called in the plan. */
export function sourceOf(
  { name, rows }: Request,
  report: Report,
): { readonly name: string; readonly from: RowsFrom | null } {
  return rows === null ? { name: ROWS, from: report.rows } : { name, from: rows };
}

/** The rows of a source, one empty row without a source. @throws ReportError if they lack a column that a request names */
export async function* sourceRows(
  name: string,
  from: RowsFrom | null,
  tables: Tables,
  report: Report,
): AsyncGenerator<Row> {
  const requests = report.requests.filter((request) => sourceOf(request, report).name === name);
  let isFirst = true;
  for await (const row of from === null ? [{}] : tables.rows(from)) {
    if (isFirst) for (const request of requests) refuseAbsentColumns(request, Object.keys(row), report);
    isFirst = false;
    yield row;
  }
}

/** A run can't be resumed: it is of other requests or rows, or has ended. Nothing was changed in its folder. */
export class NotResumable extends ReportError {
  readonly why: string;

  constructor(why: string) {
    super(`${why} Begin a new run.`);
    this.why = why;
  }
}

/** Holds a run against the report that is to go on with it. Writes nothing. @throws NotResumable */
export async function refuseOthers(
  report: Report,
  folder: string,
  plan: Plan,
  crunch: () => Promise<Crunch>,
): Promise<void> {
  if (plan.requests !== hashOfRequests(report))
    throw new NotResumable(
      `${report.file}: its requests, or the SQL of its rows, are not those that ${folder} was begun with, so it ` +
        "can't be resumed.",
    );
  for (const [name, planned] of Object.entries(plan.rows)) {
    const path = rowsFile(folder, name);
    const found = await countPlanned(path, planned).catch(() => null);
    if (found?.hash !== planned.hash)
      throw new NotResumable(`${path} was changed or is damaged, so the run can't be resumed.`);
  }
  await refuseOtherSecretRows(report, folder, plan, crunch);
}

/**
 * Secret columns are read from their source again: that must give the rows that were planned. Those that come out of
 * answers can't be looked at before these are tables.
 */
async function refuseOtherSecretRows(
  report: Report,
  folder: string,
  plan: Plan,
  crunch: () => Promise<Crunch>,
): Promise<void> {
  const sources = [
    { name: ROWS, from: report.rows },
    ...report.requests
      .filter((request, at) => request.rows !== null && !asksAnswers(request, report.requests.slice(0, at)))
      .map((request) => sourceOf(request, report)),
  ].filter(({ name }) => plannedRows(plan, name)?.lacksSecrets);
  if (sources.length === 0) return;
  const { openTables } = await crunch();
  const rows = rowsFile(folder, ROWS);
  const tables = await openTables(report, {
    folder: null,
    startedAt: new Date(plan.begunAt),
    reads: [rows],
  });
  try {
    if (report.rows !== null) await tables.addRows(rows);
    for (const { name, from } of sources) {
      const now = await countRows(tables.rows(from!), report);
      const then = plannedRows(plan, name)!;
      if (now.hash !== then.hash)
        throw new NotResumable(
          `${report.file}: the rows of '${name}' are not those that ${folder} was begun with` +
            `${now.count === then.count ? '' : ` (${then.count} then, ${now.count} now)`}. Their secret columns are ` +
            'read again, so all others must be the same.',
        );
    }
  } finally {
    await tables.close();
  }
}
