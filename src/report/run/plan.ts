import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, RowsFrom } from '../report.ts';
import type { PlannedRows } from './rows.ts';

const PLAN = 'plan.json';
/** Characters of a report's name in that of a run. */
const MOST_NAME = 60;

/** What a run set out to do. */
export interface Plan {
  readonly abreast: 'report';
  readonly version: 1;
  readonly report: string;
  /** Its name among all runs, wherever they are: letters, digits, `.`, `_` and `-`. */
  readonly run: string;
  /** Unix epoch, milliseconds: when the run began; resuming does not change it. */
  readonly begunAt: number;
  /** From 1: a further one begins with each --retry-failed. */
  readonly round: { readonly number: number; readonly begunAt: number };
  /** Of what the requests ask for: runs with another one have other results. */
  readonly requests: string;
  /** The rows that were gone over, by the request's name, or `rows`; what was not reached yet is not there. */
  readonly rows: Readonly<Record<string, PlannedRows>>;
  /** Requests of which --retry-failed is to fetch again what failed, when their turn comes. */
  readonly retry: readonly string[];
  /** Places of dumps that were written. */
  readonly dumped: readonly number[];
}

/** As it was written before runs could be shared. */
type OlderPlan = Omit<Plan, 'run' | 'round'> & Partial<Pick<Plan, 'run' | 'round'>>;

/** The plan in a run's folder; null where there is none, or none of ours. */
export async function readPlan(folder: string): Promise<Plan | null> {
  try {
    const plan = JSON.parse(await readFile(join(folder, PLAN), 'utf8')) as OlderPlan;
    if (plan.abreast !== 'report' || plan.version !== 1) return null;
    return { run: runId(plan.report, plan.begunAt), round: { number: 1, begunAt: plan.begunAt }, ...plan };
  } catch {
    return null;
  }
}

/** The rows of a request that were planned before; undefined when none were. */
export function plannedRows({ rows }: Plan, name: string): PlannedRows | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}

/** The name of a run that has none: by its report and the time at which it began, readable and sorted. */
function runId(report: string, begunAt: number): string {
  const name = report.replaceAll(/[^\w-]+/g, '-').slice(0, MOST_NAME);
  return `${name}-${new Date(begunAt).toISOString().replaceAll(/[:.]/g, '-')}`;
}

/** A plan without rows yet. `run`: its name, where it has one already. */
export function newPlan(report: Report, run?: string): Plan {
  const requests = hashOfRequests(report);
  const begunAt = Date.now();
  return {
    run: run ?? `${runId(report.name, begunAt)}-${randomBytes(4).toString('hex')}`,
    round: { number: 1, begunAt },
    abreast: 'report',
    version: 1,
    report: report.name,
    begunAt,
    requests,
    rows: {},
    retry: [],
    dumped: [],
  };
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await writeWhole(join(folder, PLAN), `${JSON.stringify(plan, null, 2)}\n`);
}

/** The plan as --retry-failed goes on with it: what failed is fetched again, every dump is written again. */
export function reopened(plan: Plan, { requests }: Report): Plan {
  const round = { number: plan.round.number + 1, begunAt: Date.now() };
  return { ...plan, round, retry: requests.map(({ name }) => name), dumped: [] };
}

/** What the answers depend on. Queries, checks and dumps may change before a run is resumed. */
export function hashOfRequests({ rows, requests, secret }: Report): string {
  const asked = requests.map(({ name, rows, url, query, headers, good, pages }) => {
    const { status, contentType } = good;
    return { name, rows: wordsOf(rows), url, query, headers, status, contentType, pages };
  });
  // Of a template only its text counts, in which variables stand by their names: a new token is no new request.
  const text = JSON.stringify([wordsOf(rows), asked, secret], (key, value) =>
    key === 'place' || key === 'parts' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

/** What the file says of rows. The rows themselves are data: a run keeps those that it planned. */
function wordsOf(from: RowsFrom | null): object | null {
  if (from === null) return null;
  return { rename: from.rename, sql: 'sql' in from ? from.sql : null };
}

/** Writes a small file whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
