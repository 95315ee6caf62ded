import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { abreast, begin, end } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { startOrigin } from '../report/run/origin.ts';
import { NO_S3, startS3 } from '../servers/index.ts';
import { EXPECTED, laid, ROWS, tableIn } from './sharded.ts';

test('who collects may be killed at any moment: the next one tells of all rows, once', async (t) => {
  const { cwd, shard } = await laid(t);
  const ends = await Promise.all([1, 2].map((number) => end(shard(number, 2))));
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0],
  );
  const collect = (...more: readonly string[]) =>
    begin(['report', 'report.yaml', '--collect', 'parts', '--out', 'run', '--json', ...more], { cwd });
  const home = () => globSync('run/parts/a/c*.jsonl', { cwd }).length;
  const killed: (NodeJS.Signals | null)[] = [];
  for (const chunks of [1, 8, 15]) {
    const child = collect(...(killed.length > 0 ? ['--resume'] : []));
    const over = end(child);
    while (home() < chunks && child.exitCode === null) await sleep(1);
    child.kill('SIGKILL');
    killed.push((await over).signal);
  }
  assert.equal(killed[0], 'SIGKILL');
  if (killed.at(-1) === 'SIGKILL') {
    const { code, out, err } = await end(collect('--resume'));
    assert.equal(code, 0, err);
    const { report: said, requests } = JSON.parse(out);
    assert.deepEqual([said.statuses['200'], requests, said.requests[0].done], [ROWS, ROWS, ROWS]);
  }
  assert.deepEqual(tableIn(cwd), EXPECTED);
});

test('shards leave their chunks in S3, and one process makes the tables of them', {
  skip: NO_S3,
}, async (t) => {
  const { cwd } = await laid(t);
  const s3 = await startS3();
  t.after(() => s3.daemon.close());
  const parts = `s3://${s3.bucket}/night`;
  const run = (...more: readonly string[]) =>
    abreast(['report', 'report.yaml', ...more], { cwd, env: s3.env });
  for (const shard of ['1/2', '2/2']) {
    const { code, err } = await run('--shard', shard, '--parts', parts);
    assert.equal(code, 0, err);
  }
  const { code, err, out } = await run('--collect', parts, '--json');
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).report.statuses['200'], ROWS);
  assert.deepEqual(tableIn(cwd), EXPECTED);
});

test('secrets of rows reach the servers, and nothing that a shard leaves', async (t) => {
  const cwd = temporaryFolder(t);
  const seen: string[] = [];
  const origin = await startOrigin(t, (path) => {
    seen.push(path);
    return [200, { path }];
  });
  lay(cwd, {
    'rows.csv': `id,token\n${Array.from({ length: 30 }, (_, id) => `${id},hidden-token-${id}`).join('\n')}\n`,
    'report.yaml': `rows: { csv: rows.csv }
secret: [token]
requests: [{ name: a, url: "${origin.url}/{{id}}?t={{token}}&k=\${API_KEY}" }]
crunch: [{ name: t, sql: "select count(*) as n from a" }]
dump: [{ table: t, to: t.jsonl }]
`,
  });
  const env = { API_KEY: 'hidden-key-value' };
  const { code, err } = await abreast(['report', 'report.yaml', '--shard', '1/1', '--parts', 'parts'], {
    cwd,
    env,
  });
  assert.equal(code, 0, err);
  assert.ok(seen.includes('/7?t=hidden-token-7&k=hidden-key-value'));
  for (const name of globSync('parts/**/*', { cwd, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const bytes = readFileSync(join(name.parentPath, name.name));
    const text = name.name.endsWith('.zst') ? zstdDecompressSync(bytes).toString() : bytes.toString();
    assert.ok(!text.includes('hidden-'), name.name);
  }
  const collected = await abreast(['report', 'report.yaml', '--collect', 'parts'], { cwd, env });
  assert.equal(collected.code, 0, collected.err);
  assert.deepEqual(tableIn(cwd), [{ n: 30 }]);
});
