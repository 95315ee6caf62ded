import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { written } from './real.ts';
import { temporaryFolder } from './reports.ts';

const PLANNING = fileURLToPath(new URL('planning.ts', import.meta.url));
const ROWS = 600_000;
/** It is about 110 MB, and 190 MB without what frees memory. */
const MOST_MB = 150;

test(`${ROWS} rows of SQL are planned in ${MOST_MB} MB beside what a process has at its start`, {
  skip: !existsSync('/proc/self/status') && 'only Linux says how much memory a process has had',
}, async (t) => {
  const folder = temporaryFolder(t);
  const report = await written(
    folder,
    `rows: { sql: "select range as n, 'http://127.0.0.1:' || range % 4 as site from range(${ROWS})" }
requests: [{ name: gets, url: "{{site}}/{{n}}" }]
`,
  );
  const said = execFileSync(process.execPath, [PLANNING, report.file, join(folder, 'run')], {
    encoding: 'utf8',
  });
  const { count, grownMb } = JSON.parse(said) as { count: number; grownMb: number };
  assert.equal(count, ROWS);
  assert.ok(grownMb < MOST_MB, `${grownMb} MB`);
  t.diagnostic(`${grownMb} MB`);
});
