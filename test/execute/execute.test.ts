import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { linesOf, rowsOf, run, temporaryFolder } from './orders.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

const url = (path: string) => `${server.httpUrl}${path}`;

test('every job ends as one line of the part, which says index, page and chunk', async (t) => {
  const folder = temporaryFolder(t);
  const { executed, lines } = await run(
    folder,
    rowsOf(1200, (i) => url(`/get?id=${i}`)),
  );
  assert.equal(executed.results, 1200);
  assert.deepEqual(
    lines.map(({ index }) => index).sort((one, other) => one - other),
    Array.from({ length: 1200 }, (_, i) => i),
  );
  for (const { index, page, more, chunk, failed, data, body } of lines) {
    assert.deepEqual([page, more, failed, chunk], [1, false, false, Math.floor(index / 500)]);
    assert.deepEqual(data, { id: index });
    assert.deepEqual(JSON.parse(body!).args.id, [`${index}`]);
  }
  assert.equal(statSync(join(folder, 'parts/0001-1.jsonl')).mode & 0o777, 0o600);
  assert.ok(executed.proofs[0]!.overlap > 0.5);
});

test('a row from which no request can be made is a result with its error', async (t) => {
  const jobs = [
    { index: 0, data: {}, error: "the row has no value for the column 'host'" },
    ...rowsOf(1, () => url('/get')).map((job) => ({ ...job, index: 1 })),
  ];
  const { lines, tooks } = await run(temporaryFolder(t), jobs);
  const bad = lines.find(({ index }) => index === 0)!;
  assert.deepEqual(bad.error, { code: 'bad-row', text: "the row has no value for the column 'host'" });
  assert.equal(bad.attempts, 0);
  assert.equal(tooks.filter(({ error }) => error !== null).length, 1);
});

test('what is good is told by status and media type', async (t) => {
  const jobs = rowsOf(4, (i) => url(['/status/204', '/status/500', '/json', '/html'][i]!));
  const good = { status: [[200, 299]], contentType: ['application/*'] } as const;
  const { lines } = await run(temporaryFolder(t), jobs, { good });
  const codes = lines.sort((one, other) => one.index - other.index).map(({ error }) => error?.code ?? null);
  assert.deepEqual(codes, ['content-type', 'status', null, 'content-type']);
});

test('it goes on where it was cut short: what is there is not fetched again, a torn line is', async (t) => {
  const folder = temporaryFolder(t);
  const rows = rowsOf(100, (i) => url(`/get?id=${i}`));
  await run(folder, rows.slice(0, 40));
  const part = join(folder, 'parts/0001-1.jsonl');
  appendFileSync(
    part,
    readFileSync(part, 'utf8').split('\n')[0]!.replace('"index":', '"index":9').slice(0, 200),
  );
  const again = await run(folder, rows);
  assert.equal(again.executed.results, 60);
  assert.equal(new Set(again.lines.map(({ index }) => index)).size, 100);
  assert.equal(again.lines.length, 100);
});

test('what failed is fetched again on demand, and is there once', async (t) => {
  const folder = temporaryFolder(t);
  await run(
    folder,
    rowsOf(20, (i) => url(i % 4 === 0 ? '/status/500' : '/get')),
  );
  const again = await run(
    folder,
    rowsOf(20, () => url('/get')),
    {},
    { dropFailed: true },
  );
  assert.equal(again.executed.results, 5);
  assert.equal(again.lines.length, 20);
  assert.ok(again.lines.every(({ error }) => error === null));
});

test('secrets of a row are in no part and no trace, whatever the server says back', async (t) => {
  const folder = temporaryFolder(t);
  const secret = (i: number) => `s3cret/värt&${i}`;
  const jobs = rowsOf(10, (i) => url(`/anything/${encodeURIComponent(secret(i))}?q=${i}`)).map((job, i) => ({
    ...job,
    headers: { 'x-api-key': `key-of-${i}-hidden`, authorization: `Bearer tok-${i}-hidden` },
    credentials: ['x-api-key'],
    secrets: [encodeURIComponent(secret(i)), secret(i), `key-of-${i}-hidden`, `tok-${i}-hidden`],
  }));
  const { lines, trace } = await run(folder, jobs);
  assert.ok(lines.every(({ body, url }) => body!.includes('***') && url.includes('***')));
  const written = JSON.stringify(linesOf(folder)) + trace;
  for (let i = 0; i < 10; i++)
    for (const text of [secret(i), encodeURIComponent(secret(i)), `key-of-${i}`, `tok-${i}`])
      assert.ok(!written.includes(text), text);
});

test('an error names the limit as the report file has it', async (t) => {
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(1, () => url('/bytes/1000')),
    { options: { concurrency: 1, perOrigin: [], maxBody: 10 } },
  );
  assert.match(lines[0]!.error!.text, /larger than 10 bytes; raise limits\.maxBody if/);
});
