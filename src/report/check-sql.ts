import { columnsOfSource } from './crunch/columns.ts';
import { type Database, text } from './crunch/database.ts';
import { createEmptyTable } from './crunch/query.ts';
import { createResults, partLines } from './crunch/results.ts';
import type { Columns } from './crunch/structure.ts';
import { openTables, ROWS } from './crunch/tables.ts';
import { createUnseen, isUnseen } from './crunch/unseen.ts';
import { checkDump } from './dump/index.ts';
import { refuseUnreachable } from './dump/upload.ts';
import { ReportError } from './error.ts';
import type { Report } from './report.ts';

/**
 * Holds all SQL of a report against tables as they will be, but empty: each is made of what is known before the run.
 * Buckets of S3 that rows and dumps name are asked, too.
 * Gives the columns of each request's rows, by its name: null for rows that have none.
 *
 * @throws ReportError with a line for each fault.
 */
export async function checkSql(report: Report): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const startedAt = new Date();
  const tables = await openTables(report, { folder: null, startedAt });
  const { database } = tables;
  const faults = new Faults();
  const known = new Map<string, readonly string[] | null>();
  try {
    const rows = await faults.of('rows', async () => {
      const columns = await columnsOf(report.rows);
      if (columns !== null) await createRows(database, columns);
      return columns;
    });
    for (const request of report.requests) {
      if (request.rows === null && rows === undefined) faults.follow(request.name);
      else
        await faults.of(request.name, async () => {
          const columns = request.rows === null ? rows! : await columnsOf(request.rows);
          known.set(request.name, columns === null ? null : Object.keys(columns));
          await createResults(database, report, request, partLines([], 1), columns);
        });
    }
    for (const query of report.crunch)
      await faults.of(query.name, () => createEmptyTable(database, report, query));
    for (const query of report.checks)
      await faults.of(null, () => createEmptyTable(database, report, { ...query, name: 'a check' }));
    // The reason why a table cannot be made was reported before.
    const made = new Set(await database.tables());
    for (const dump of report.dumps.filter(({ table }) => made.has(table)))
      await faults.of(null, async () => {
        await checkDump(dump, database, report);
        await refuseUnreachable(dump, report, startedAt);
      });
  } finally {
    await tables.close();
  }
  faults.throwAny();
  return known;

  async function columnsOf(from: Report['rows']): Promise<Columns | null> {
    return from === null ? null : columnsOfSource(from, database, report);
  }
}

async function createRows(database: Database, columns: Columns): Promise<void> {
  if (isUnseen(columns)) return createUnseen(database, ROWS, Object.keys(columns));
  const types = text(JSON.stringify(columns));
  await database.run(`create table ${ROWS} as select unnest(from_json('{}', ${types})) limit 0`);
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
      if (table !== null) this.follow(table);
      return undefined;
    }
  }

  /** The table is missing because of a fault that was reported before. */
  follow(table: string): void {
    this.#missing.push(table);
  }

  throwAny(): void {
    if (this.#lines.length > 0) throw new ReportError(this.#lines.join('\n'));
  }
}
