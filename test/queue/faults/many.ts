/** A report of many rows, of which faults may lose none. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../../folder.ts';
import { rowsIn, written } from '../../report/run/real.ts';
import { type Process, type Site, start, startSite } from '../runs.ts';
import type { Ends } from '../servers.ts';

export const ROWS = 200;
const REPORT = `
name: many
rows: { sql: "select range as id from range(${ROWS})" }
requests:
  - name: items
    url: "URL/items/{{id}}"
limits: { concurrency: 8, retries: 0 }
fail: { max: 100% }
crunch:
  - name: each
    sql: select id, status, error.code as code from items order by id
dump:
  - { table: each, to: each.jsonl }
`;
export const WORKER = { version: '0', concurrency: null, idleMs: null };

export async function setUp(t: Ends) {
  const site = await startSite(t);
  const folder = temporaryFolder(t as TestContext);
  return { site, folder, report: await written(folder, REPORT, site.url) };
}

/** Every row is there once, with its answer. */
export function isWhole(folder: string): void {
  assert.deepEqual(
    rowsIn(folder, 'each.jsonl'),
    Array.from({ length: ROWS }, (_, id) => ({ id, status: 200, code: null })),
  );
}

export function coordinator(t: Ends, folder: string, queue: string, mode: 'new' | 'resume'): Process {
  const options = { queue, parts: null, version: '0', testServer: null, chunkRows: 10 };
  return start(t, 'coordinator', {
    ...options,
    file: join(folder, 'report.yaml'),
    mode,
    out: join(folder, 'run'),
  });
}

export const outcomeOf = (it: Process) => it.line((line) => 'finished' in line || 'failed' in line);
export const asked = ({ asked }: Site) => asked.size;
