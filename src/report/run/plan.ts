import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReportError } from '../error.ts';
import type { Report, Row } from '../report.ts';
import { withoutSecrets } from '../template/index.ts';

const PLAN = 'plan.json';
/** Rows that are written together. */
const BATCH = 1000;

/** What a run set out to do. */
export interface Plan {
  readonly abreast: 'report';
  readonly version: 1;
  readonly report: string;
  /** Unix epoch, milliseconds: the time of the run, whenever it is gone on with. */
  readonly begunAt: number;
  /** Of what the requests ask for: runs with another one have other results. */
  readonly requests: string;
  /** The rows that were gone over, by the request's name, or `rows`; what was not reached yet is not there. */
  readonly rows: Readonly<Record<string, PlannedRows>>;
  /** Places of dumps that were written. */
  readonly dumped: readonly number[];
}

/** Rows as they were. */
export interface PlannedRows {
  readonly count: number;
  /** Of all rows, secret columns included. */
  readonly hash: string;
}

/** The plan in a run's folder; null where there is none, or none of ours. */
export async function readPlan(folder: string): Promise<Plan | null> {
  try {
    const plan = JSON.parse(await readFile(join(folder, PLAN), 'utf8')) as Plan;
    return plan.abreast === 'report' && plan.version === 1 ? plan : null;
  } catch {
    return null;
  }
}

/** A plan without rows yet. */
export function newPlan(report: Report): Plan {
  const requests = hashOfRequests(report);
  return {
    abreast: 'report',
    version: 1,
    report: report.name,
    begunAt: Date.now(),
    requests,
    rows: {},
    dumped: [],
  };
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await writeWhole(join(folder, PLAN), `${JSON.stringify(plan, null, 2)}\n`);
}

/** What the answers depend on. Crunching, checks and dumps may change before a run is gone on with. */
export function hashOfRequests({ requests, secret }: Report): string {
  const asked = requests.map(({ name, rows, url, query, headers, good, pages }) => {
    const { status, contentType } = good;
    return { name, rows, url, query, headers, status, contentType, pages };
  });
  // Of a template only its text counts, in which variables stand by their names: a new token is no new request.
  const text = JSON.stringify([asked, secret], (key, value) =>
    key === 'place' || key === 'parts' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

/** The file of planned rows: JSON Lines, without secret columns. */
export function rowsFile(folder: string, name: string): string {
  return join(folder, `${name}.rows.jsonl`);
}

/** Writes rows to a file, without their secret columns, if `check` has nothing against them; says which they were. */
export async function writeRows(
  path: string,
  rows: AsyncIterable<Row>,
  report: Report,
  check: (now: PlannedRows) => void,
): Promise<PlannedRows> {
  const copy = `${path}.new`;
  const hash = createHash('sha256');
  let count = 0;
  let lines = '';
  {
    await using file = await open(copy, 'w', 0o600);
    for await (const row of rows) {
      const whole = `${JSON.stringify(row)}\n`;
      hash.update(whole);
      lines += report.secret.length === 0 ? whole : `${JSON.stringify(withoutSecrets(row, report))}\n`;
      if (++count % BATCH > 0) continue;
      await file.write(lines);
      lines = '';
    }
    await file.write(lines);
  }
  const planned = { count, hash: hash.digest('hex') };
  check(planned);
  await rename(copy, path);
  return planned;
}

/** The rows of a file that writeRows() wrote. */
export async function* readRows(path: string): AsyncGenerator<Row> {
  let rest = '';
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as Row;
  }
}

/** @throws RowsChanged where the rows are not those of before. */
export function checkSame(
  report: Report,
  name: string,
  before: PlannedRows | undefined,
  now: PlannedRows,
): void {
  if (before === undefined || before.hash === now.hash) return;
  const counts = before.count === now.count ? '' : ` (${before.count} then, ${now.count} now)`;
  throw new RowsChanged(
    `${report.file}: the rows of '${name}' are not those that the unfinished run was begun with${counts}, so it can't ` +
      'be gone on with. Begin a new one without --resume.',
  );
}

/** The run that was to be gone on with is of other rows. */
export class RowsChanged extends ReportError {}

/** Writes a small file whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
