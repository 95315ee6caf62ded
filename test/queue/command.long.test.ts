import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { abreast } from '../e2e/abreast.ts';
import { rowsIn } from '../report/run/real.ts';
import { freePort } from '../servers/index.ts';
import { startSite } from './runs.ts';
import { folderOf, onBoth } from './servers.ts';

const REPORT = `
name: command
rows: { sql: "select range as id from range(700)" }
requests: [{ name: items, url: "URL/items/{{id}}" }]
crunch: [{ name: each, sql: "select id, status from items order by id" }]
dump: [{ table: each, to: each.jsonl }]
`;

onBoth('the command: a worker that came first, a report, and an end without work', async (t, { url }) => {
  const site = await startSite(t);
  const cwd = folderOf(t);
  writeFileSync(join(cwd, 'report.yaml'), REPORT.replace('URL', site.url));
  const working = abreast(['worker', '--exit-when-idle', '10s', '--json'], {
    cwd,
    env: { ABREAST_QUEUE: url },
  });
  const { code, err } = await abreast(['report', 'report.yaml', '--queue', url], { cwd });
  assert.equal(code, 0, err);
  assert.equal(rowsIn(cwd, 'each.jsonl').length, 700);
  assert.match(err, /^worker \d+ on \S+ fetches for this run; 1 now$/m);
  assert.match(err, /^700 GETs in .*, none failed$/m);
  const { code: ended, out } = await working;
  assert.equal(ended, 0);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event),
    ['ready', 'fetched', 'fetched', 'idle', 'ended'],
  );
  assert.deepEqual(events.at(-1), { event: 'ended', chunks: 2, rows: 700 });
});

test('what is wrong with a queue is one line and exit code 2, for a report and for a worker', async (t) => {
  const cwd = folderOf(t);
  writeFileSync(join(cwd, 'report.yaml'), REPORT.replace('URL', 'http://127.0.0.1:9'));
  const queue = `redis://:S3CRET@127.0.0.1:${await freePort()}`;
  for (const args of [
    ['report', 'report.yaml', '--queue', queue],
    ['worker', '--queue', queue],
  ]) {
    const { code, err } = await abreast(args, { cwd });
    assert.equal(code, 2);
    assert.match(err, /^error: redis:\/\/127\.0\.0\.1:\d+ can't be reached: connect ECONNREFUSED .*\n$/);
    assert.doesNotMatch(err, /S3CRET/);
  }
  const missing = await abreast(['worker'], { cwd });
  assert.equal(missing.code, 2);
  assert.match(missing.err, /--queue <url>/);
  const parts = await abreast(['report', 'report.yaml', '--parts', 'x'], { cwd });
  assert.equal(parts.code, 2);
  assert.match(parts.err, /give --shard or --queue too/);
  const both = await abreast(['report', 'report.yaml', '--queue', queue, '--workers', '2'], { cwd });
  assert.equal(both.code, 2);
});
