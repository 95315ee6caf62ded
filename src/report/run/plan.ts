import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, RowsFrom } from '../report.ts';
import type { PlannedRows } from './rows.ts';

const PLAN = 'plan.json';

/** What a run set out to do. */
export interface Plan {
  readonly abreast: 'report';
  readonly version: 1;
  readonly report: string;
  /** Unix epoch, milliseconds: when the run began; resuming does not change it. */
  readonly begunAt: number;
  /** Of what the requests ask for: runs with another one have other results. */
  readonly requests: string;
  /** The rows that were gone over, by the request's name, or `rows`; what was not reached yet is not there. */
  readonly rows: Readonly<Record<string, PlannedRows>>;
  /** Requests of which --retry-failed is to fetch again what failed, when their turn comes. */
  readonly retry: readonly string[];
  /** Places of dumps that were written. */
  readonly dumped: readonly number[];
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

/** The rows of a request that were planned before; undefined when none were. */
export function plannedRows({ rows }: Plan, name: string): PlannedRows | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
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
    retry: [],
    dumped: [],
  };
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await writeWhole(join(folder, PLAN), `${JSON.stringify(plan, null, 2)}\n`);
}

/** The plan as --retry-failed goes on with it: what failed is fetched again, every dump is written again. */
export function reopened(plan: Plan, { requests }: Report): Plan {
  return { ...plan, retry: requests.map(({ name }) => name), dumped: [] };
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
