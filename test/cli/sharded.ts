import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { begin } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { type Answer, startOrigin } from '../report/run/origin.ts';

export const ROWS = 1900;

/** A report whose table says of each row what was answered to it. */
export const report = (url: string) => `
rows: { sql: "select range as id from range(${ROWS})" }
requests: [{ name: a, url: "${url}/{{id}}" }]
limits: { concurrency: 30, retries: 0 }
crunch: [{ name: t, sql: "select \\"index\\", id, status, body->>'$.path' as path from a order by \\"index\\"" }]
dump: [{ table: t, to: t.jsonl }]
`;

/** The table when each row is in it once. */
export const EXPECTED = Array.from({ length: ROWS }, (_, id) => ({
  index: id,
  id,
  status: 200,
  path: `/${id}`,
}));

/** A folder with that report, over a server of this test. `shard` starts one of its shards. */
export async function laid(t: TestContext, answer: (path: string) => Answer = (path) => [200, { path }]) {
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, answer);
  lay(cwd, { 'report.yaml': report(origin.url) });
  const shard = (number: number, of: number) =>
    begin(['report', 'report.yaml', '--shard', `${number}/${of}`, '--parts', 'parts'], {
      cwd,
      // One that is killed leaves there what was not whole.
      env: { TMPDIR: cwd },
    });
  return { cwd, origin, shard };
}

/** The rows of the dump. */
export function tableIn(cwd: string): object[] {
  const lines = readFileSync(join(cwd, 't.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
