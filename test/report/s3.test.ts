import assert from 'node:assert/strict';
import { buffer, text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkSql } from '../../src/report/check-sql.ts';
import { Copies } from '../../src/report/crunch/copies.ts';
import { openStorage, type Storage } from '../../src/storage/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { temporaryFolder } from '../folder.ts';
import { NO_S3, type S3Server, startS3 } from '../servers/index.ts';
import { startFaultyS3 } from '../storage/faulty-s3.ts';
import { startOrigin } from './run/origin.ts';
import { everythingIn, rowsIn, runReal, written } from './run/real.ts';

const options = { skip: NO_S3 };
const bytes = (content: string) => Buffer.from(content);
const CSV = 'id,host\n1,alpha\n2,beta\n3,gamma\n';
const REQUESTS = 'requests: [{ name: pages, url: "URL/anything/{{id}}" }]\n';

let web: TestServer;
let s3: S3Server;
let bucket: Storage;
before(async () => {
  web = await startServer({ httpsPort: false });
  if (NO_S3 !== false) return;
  s3 = await startS3();
  Object.assign(process.env, s3.env);
  bucket = await openStorage(`s3://${s3.bucket}`);
});
after(async () => {
  await web.close();
  await s3?.daemon.close();
});

const report = (folder: string, yaml: string) =>
  written(folder, yaml.replaceAll('BUCKET', `s3://${s3?.bucket}`), web.httpUrl!);

test(
  'rows come from a bucket, as CSV, packed, JSON Lines, Parquet, and as tables of SQL',
  options,
  async (t) => {
    await bucket.write('in a folder/rows.csv', bytes(CSV));
    await bucket.write('in a folder/rows.csv.gz', gzipSync(CSV));
    await bucket.write('rows.jsonl', bytes('{"id":1,"host":"alpha"}\n{"id":2,"host":"beta"}\n'));
    const sources: Readonly<Record<string, readonly number[]>> = {
      '{ csv: "BUCKET/in a folder/rows.csv" }': [1, 2, 3],
      '{ csv: "BUCKET/in a folder/rows.csv.gz" }': [1, 2, 3],
      '{ jsonl: "BUCKET/rows.jsonl" }': [1, 2],
      '{ parquet: "BUCKET/made.parquet" }': [2, 3],
      '{ sql: "from a semi join b using (id)", files: { a: "BUCKET/in a folder/rows.csv", b: "BUCKET/rows.jsonl" } }':
        [1, 2],
    };
    const made = await report(
      temporaryFolder(t),
      `rows: { inline: [{ id: 2 }, { id: 3 }] }\n${REQUESTS}crunch: [{ name: ids, sql: select id from pages order by id }]\n` +
        'dump: [{ table: ids, to: BUCKET/made.parquet }]\n',
    );
    assert.equal((await runReal(made)).exitCode, 0);
    for (const [rows, ids] of Object.entries(sources)) {
      const folder = temporaryFolder(t);
      const one = await report(
        folder,
        `rows: ${rows}\n${REQUESTS}crunch: [{ name: ids, sql: select id from pages order by id }]\n` +
          'dump: [{ table: ids, to: ids.jsonl }]\n',
      );
      await checkSql(one);
      assert.equal((await runReal(one)).exitCode, 0);
      assert.deepEqual(
        rowsIn(folder, 'ids.jsonl').map(({ id }) => id),
        ids,
        rows,
      );
      assert.ok(!everythingIn(folder).some(([path]) => path.includes('/copies/')), 'no copy is left behind');
    }
  },
);

test('tables are dumped to a bucket, in each kind of file, and replace what is there', options, async (t) => {
  const folder = temporaryFolder(t);
  await bucket.write('out/{x}/pages 1.csv', bytes('of yesterday'));
  const one = await report(
    folder,
    `name: nightly\nrows: { inline: [{ id: 1 }, { id: 2 }] }\n${REQUESTS}` +
      `crunch: [{ name: ids, sql: "select id, status from pages order by id" }, { name: one, sql: "select max(id) as id from pages" }]
dump:
  - { table: ids, to: "BUCKET/out/{x}/pages 1.csv" }
  - { table: ids, to: "BUCKET/out/{{name}}/pages.jsonl" }
  - { table: ids, to: BUCKET/out/pages.parquet }
  - { table: ids, to: BUCKET/out/pages.md }
  - { table: one, to: BUCKET/out/metrics, format: prometheus }
`,
  );
  await checkSql(one);
  const outcome = await runReal(one);
  assert.equal(outcome.stopped, null);
  assert.equal(outcome.dumps[1]!.to, `s3://${s3.bucket}/out/nightly/pages.jsonl`);
  const read = async (name: string) => text((await bucket.read(name))!);
  assert.equal(await read('out/{x}/pages 1.csv'), 'id,status\n1,200\n2,200\n');
  assert.equal(await read('out/nightly/pages.jsonl'), '{"id":1,"status":200}\n{"id":2,"status":200}\n');
  assert.equal((await buffer((await bucket.read('out/pages.parquet'))!)).subarray(0, 4).toString(), 'PAR1');
  assert.match(await read('out/pages.md'), /\| 1 \| 200 \|/);
  assert.match(await read('out/metrics'), /# TYPE one_id gauge\none_id 2/);
  assert.ok(!everythingIn(folder).some(([path]) => path.endsWith('upload.tmp')));
});

test(
  'a secret column of rows in a bucket is not on the disk any more when the tables are dumped',
  options,
  async (t) => {
    const folder = temporaryFolder(t);
    await bucket.write('secret.csv', bytes('id,token\n1,geheim-1\n2,geheim-2\n'));
    const told: string[] = [];
    const origin = await startOrigin(t, (path) => {
      if (path === '/hook')
        told.push(
          ...everythingIn(folder).flatMap(([file, , held]) => (held.includes('geheim') ? [file] : [])),
        );
      return [200, {}];
    });
    const yaml = `rows: { csv: "s3://${s3.bucket}/secret.csv" }
secret: [token]
requests: [{ name: pages, url: "URL/{{id}}?token={{token}}" }]
dump: [{ table: pages, to: "URL/hook" }]
`;
    assert.equal((await runReal(await written(folder, yaml, origin.url))).exitCode, 0);
    assert.deepEqual(origin.asked.toSorted(), ['/1?token=geheim-1', '/2?token=geheim-2', '/hook']);
    assert.deepEqual(told, []);
  },
);

test('what is not there is told at its place before a run, and nothing is sent', options, async (t) => {
  const folder = temporaryFolder(t);
  const faults: Readonly<Record<string, RegExp>> = {
    [`rows: { csv: BUCKET/missing.csv }\n${REQUESTS}`]:
      /report\.yaml:1:14: there is no object s3:\/\/abreast-test\/missing\.csv$/,
    [`rows: { csv: "s3://no-such-bucket/rows.csv" }\n${REQUESTS}`]:
      /report\.yaml:1:15: .*there is no bucket 'no-such-bucket'\. Create it, or give another one\.$/,
    [`${REQUESTS.replace('{{id}}', '')}dump: [{ table: pages, to: "s3://no-such-bucket/x/rows.csv" }]\n`]:
      /report\.yaml:2:17: 'pages' can't be dumped: .*there is no bucket 'no-such-bucket'/,
  };
  const { requests } = web.stats();
  for (const [yaml, message] of Object.entries(faults)) {
    const one = await report(folder, yaml);
    await assert.rejects(checkSql(one), { name: 'ReportError', message });
  }
  assert.equal(web.stats().requests, requests);
});

test('a dump that S3 refuses ends the run with what to do, and --resume writes it without a further GET', async (t) => {
  const folder = temporaryFolder(t);
  let isDenied = true;
  const { objects } = await startFaultyS3(t, ({ method }) =>
    method === 'PUT' && isDenied ? { status: 403, code: 'AccessDenied' } : undefined,
  );
  const one = await written(
    folder,
    `rows: { inline: [{ id: 1 }] }\n${REQUESTS}dump: [{ table: pages, to: "s3://some-bucket/x.jsonl" }]\n`,
    web.httpUrl!,
  );
  await checkSql(one);
  const denied = await runReal(one);
  assert.equal(denied.exitCode, 3);
  assert.ok(denied.stopped?.why === 'fault');
  assert.match(
    denied.stopped.text,
    /report\.yaml:3:17: 'pages' was not written: s3:\/\/some-bucket\/x\.jsonl can't be written: access is denied \(AccessDenied\)\. The credentials need s3:PutObject there, and/,
  );
  isDenied = false;
  const { requests } = web.stats();
  const resumed = await runReal(one, { mode: 'resume' });
  assert.equal(resumed.exitCode, 0);
  assert.equal(web.stats().requests, requests);
  assert.match(objects.get('/some-bucket/x.jsonl')!.bytes.toString(), /"id":1/);
});

test('a copy that finds no place on the disk is told in words', async (t) => {
  const { objects } = await startFaultyS3(t, () => undefined);
  objects.set('/some-bucket/rows.csv', { bytes: bytes(CSV), headers: { etag: '"rows"' } });
  await assert.rejects(new Copies('/dev/null/copies').of('s3://some-bucket/rows.csv'), {
    name: 'FaultyFile',
    message:
      "s3://some-bucket/rows.csv can't be copied to /dev/null/copies/0: a part of the path is no folder",
  });
});
