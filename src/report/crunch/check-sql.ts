import { checkDump } from '../dump/check.ts';
import { ReportError } from '../error.ts';
import type { Report } from '../report.ts';
import { columnsOfSource } from './columns.ts';
import { text } from './database.ts';
import { createTable, runCheck } from './query.ts';
import { createResults, partLines } from './results.ts';
import type { Columns } from './structure.ts';
import { openTables } from './tables.ts';

/**
 * Holds all SQL of a report against tables as they will be, but empty: each is made of what is known before the run.
 * Gives the columns of each request's rows, by its name: null for rows that have none.
 *
 * @throws ReportError with a line for each fault.
 */
export async function checkSql(report: Report): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const tables = await openTables(report, { folder: null, startedAt: new Date() });
  const { database } = tables;
  const faults = new Faults();
  const known = new Map<string, readonly string[] | null>();
  try {
    const rows = await columnsOf(report.rows);
    if (rows !== null) await database.run(`create table rows as ${emptyTable(rows)}`);
    for (const request of report.requests) {
      const columns = request.rows === null ? rows : await columnsOf(request.rows);
      known.set(request.name, columns === null ? null : Object.keys(columns));
      await faults.of(request.name, () =>
        createResults(database, report, request, partLines([], 1), columns),
      );
    }
    for (const query of report.crunch)
      await faults.of(query.name, () => createTable(database, report, query));
    for (const query of report.checks) await faults.of(null, () => runCheck(database, report, query));
    // What keeps a table from being made is told already.
    const made = new Set(await database.tables());
    for (const dump of report.dumps.filter(({ table }) => made.has(table)))
      await faults.of(null, () => checkDump(dump, database, report));
  } finally {
    await tables.close();
  }
  faults.throwAny();
  return known;

  async function columnsOf(from: Report['rows']): Promise<Columns | null> {
    if (from === null) return null;
    const columns = await faults.of(null, () => columnsOfSource(from, database, report));
    return columns ?? null;
  }
}

function emptyTable(columns: Columns): string {
  return `select unnest(from_json('{}', ${text(JSON.stringify(columns))})) limit 0`;
}

/** What was found wrong, without what is wrong only because of an earlier fault. */
class Faults {
  readonly #lines: string[] = [];
  readonly #missing: string[] = [];

  /** Does `work`, which makes the table `table`. */
  async of<Value>(table: string | null, work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ReportError)) throw error;
      if (!this.#missing.some((missing) => error.message.includes(`no table '${missing}'`)))
        this.#lines.push(error.message);
      if (table !== null) this.#missing.push(table);
      return undefined;
    }
  }

  throwAny(): void {
    if (this.#lines.length > 0) throw new ReportError(this.#lines.join('\n'));
  }
}
