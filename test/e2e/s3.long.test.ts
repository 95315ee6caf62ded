import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStorage } from '../../src/storage/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { startOrigin } from '../report/run/origin.ts';
import { NO_REDIS, NO_S3, type S3Server, startRedis, startS3 } from '../servers/index.ts';
import { startFaultyS3 } from '../storage/faulty-s3.ts';
import { abreast, begin, end } from './abreast.ts';

const ROWS = 1900;
const IDS = Array.from({ length: ROWS }, (_, id) => id);

const report = (url: string, bucket: string) => `
rows: { csv: "s3://${bucket}/rows of today.csv" }
requests: [{ name: a, url: "${url}/{{id}}" }]
limits: { concurrency: 30, retries: 0 }
crunch: [{ name: t, sql: "select id, status from a order by id" }]
dump: [{ table: t, to: "s3://${bucket}/out/{{name}}.csv" }]
`;
const TABLE = `id,status\n${IDS.map((id) => `${id},200\n`).join('')}`;

let server: S3Server;
before(async () => {
  if (NO_S3 !== false) return;
  server = await startS3();
  Object.assign(process.env, server.env);
});
after(() => server?.daemon.close());

test('shards leave their parts in a bucket, also one that is killed and run again', {
  skip: NO_S3,
}, async (t) => {
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, {}, 20]);
  const bucket = await openStorage(`s3://${server.bucket}`);
  await bucket.write('rows of today.csv', Buffer.from(`id\n${IDS.join('\n')}\n`));
  lay(cwd, { 'shards.yaml': report(origin.url, server.bucket) });
  const place = `s3://${server.bucket}/night 1`;
  const shard = (number: number) =>
    begin(['report', 'shards.yaml', '--shard', `${number}/2`, '--parts', place], { cwd });
  const [first, second] = [shard(1), shard(2)];
  while (origin.asked.length < 1200) await sleep(5);
  second.kill('SIGKILL');
  const done = await end(first);
  assert.equal(done.code, 0, done.err);
  await end(second);
  const again = await end(shard(2));
  assert.equal(again.code, 0, again.err);
  const collected = await abreast(['report', 'shards.yaml', '--collect', place], { cwd });
  assert.equal(collected.code, 0, collected.err);
  assert.equal(await held(server.bucket, 'out/shards.csv'), TABLE);
});

test('a server of S3 that is killed and comes back costs a shard time, and no row', {
  skip: NO_S3,
}, async (t) => {
  const own = await startS3();
  t.after(() => own.daemon.close());
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, {}, 20]);
  lay(cwd, {
    'killed.yaml': report(origin.url, own.bucket)
      .replace(/rows:.*/, `rows: { sql: "select range as id from range(${ROWS})" }`)
      .replace('s3://abreast-test/out', 'out'),
  });
  const parts = ['--parts', `s3://${own.bucket}/night`];
  const shard = begin(['report', 'killed.yaml', '--shard', '1/1', ...parts], { cwd, env: own.env });
  while (origin.asked.length < 800) await sleep(5);
  await own.daemon.kill();
  await sleep(3000);
  await own.daemon.start();
  const done = await end(shard);
  assert.equal(done.code, 0, done.err);
  assert.equal(origin.asked.length, ROWS);
  const collected = await abreast(['report', 'killed.yaml', '--collect', parts[1]!], { cwd, env: own.env });
  assert.equal(collected.code, 0, collected.err);
  assert.equal(readFileSync(join(cwd, 'out', 'killed.csv'), 'utf8'), TABLE);
});

test('a queue has its parts in a bucket', { skip: NO_S3 || NO_REDIS }, async (t) => {
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, {}]);
  const redis = await startRedis();
  t.after(() => redis.close());
  const bucket = await openStorage(`s3://${server.bucket}`);
  await bucket.write('rows of today.csv', Buffer.from(`id\n${IDS.join('\n')}\n`));
  lay(cwd, { 'queued.yaml': report(origin.url, server.bucket) });
  const worker = begin(['worker', '--queue', redis.url, '--quiet'], { cwd });
  t.after(() => worker.kill('SIGKILL'));
  const place = `s3://${server.bucket}/night 2`;
  const run = await abreast(['report', 'queued.yaml', '--queue', redis.url, '--parts', place], { cwd });
  worker.kill('SIGTERM');
  assert.equal(run.code, 0, run.err);
  assert.equal(await held(server.bucket, 'out/queued.csv'), TABLE);
});

test('a bucket that loses answers and asks to slow down costs time, and no row', async (t) => {
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, {}]);
  const { objects, asked } = await startFaultyS3(t, (_, nth) => {
    if (nth % 5 === 0) return { status: 503, code: 'SlowDown' };
    return nth % 7 === 0 ? 'lost' : undefined;
  });
  objects.set('/some-bucket/rows of today.csv', {
    bytes: Buffer.from(`id\n${IDS.join('\n')}\n`),
    headers: { etag: '"rows"' },
  });
  lay(cwd, { 'faulty.yaml': report(origin.url, 'some-bucket') });
  const place = 's3://some-bucket/night';
  for (const shard of ['1/2', '2/2']) {
    const done = await abreast(['report', 'faulty.yaml', '--shard', shard, '--parts', place], { cwd });
    assert.equal(done.code, 0, done.err);
  }
  assert.equal(origin.asked.length, ROWS, 'no chunk is fetched twice because of an answer that was lost');
  const collected = await abreast(['report', 'faulty.yaml', '--collect', place], { cwd });
  assert.equal(collected.code, 0, collected.err);
  assert.equal(objects.get('/some-bucket/out/faulty.csv')!.bytes.toString(), TABLE);
  assert.ok(asked.length > 20, `${asked.length} requests`);
});

test('what is wrong with a bucket is one line and exit code 2, before anything is sent', {
  skip: NO_S3,
}, async (t) => {
  const cwd = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, {}]);
  const rows = (where: string) => `rows: ${where}\nrequests: [{ name: a, url: "${origin.url}/{{id}}" }]\n`;
  lay(cwd, {
    'a.yaml': rows('{ inline: [{ id: 1 }] }'),
    'b.yaml': rows('{ csv: "s3://no-such-bucket/x.csv" }'),
  });
  const lines: readonly (readonly [string[], Record<string, string>, RegExp])[] = [
    [
      ['b.yaml'],
      {},
      /^b\.yaml:1:15: s3:\/\/no-such-bucket\/x\.csv can't be read: there is no bucket 'no-such-bucket'/,
    ],
    [
      ['a.yaml', '--shard', '1/1', '--parts', 's3://no-such-bucket'],
      {},
      /there is no bucket 'no-such-bucket'/,
    ],
    [['a.yaml', '--shard', '1/1', '--parts', 's3://x@y/z'], {}, /has no credentials or port in it/],
    [
      ['a.yaml', '--shard', '1/1', '--parts', `s3://${server.bucket}/x`],
      { AWS_SECRET_ACCESS_KEY: 'hunter2' },
      /the secret key does not fit the access key\. Look at AWS_SECRET_ACCESS_KEY/,
    ],
    [['a.yaml', '--collect', `s3://${server.bucket}/nothing`], {}, /nothing/],
  ];
  for (const [args, env, message] of lines) {
    const { code, err } = await abreast(['report', ...args], { cwd, env });
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    assert.match(err, message);
    assert.doesNotMatch(err, /hunter2|\n.*\n/);
  }
  assert.deepEqual(origin.asked, []);
});

async function held(bucket: string, name: string): Promise<string> {
  return text((await (await openStorage(`s3://${bucket}`)).read(name))!);
}
