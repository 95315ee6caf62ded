import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rowsOf, run, temporaryFolder } from './orders.ts';

/** A server whose answers have validators, and what it was asked. */
async function listen(t: TestContext, headers: (request: IncomingMessage) => Record<string, string>) {
  const asked: { url: string; condition: string | undefined; status: number }[] = [];
  const server = createServer((request, response) => {
    const given = headers(request);
    const condition = request.headers['if-none-match'] ?? request.headers['if-modified-since'];
    const status =
      condition !== undefined && condition === (given.etag ?? given['last-modified']) ? 304 : 200;
    asked.push({ url: request.url!, condition, status });
    response.writeHead(status, { ...given, 'content-type': 'text/plain' });
    response.end(
      status === 304 ? undefined : `body of ${request.url} for ${request.headers['x-user'] ?? 'all'}`,
    );
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((ready) => server.once('listening', ready));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

for (const validator of ['etag', 'last-modified'])
  test(`what has not changed by its ${validator} is not sent again, and reads as if it were`, async (t) => {
    const value = validator === 'etag' ? '"v1"' : 'Sun, 06 Nov 1994 08:49:37 GMT';
    const { base, asked } = await listen(t, () => ({ [validator]: value, 'x-seen': `${asked.length}` }));
    const cache = join(temporaryFolder(t), 'cache');
    const jobs = rowsOf(5, (i) => `${base}/${i}`);
    const first = await run(temporaryFolder(t), jobs, { cache });
    const second = await run(temporaryFolder(t), jobs, { cache });
    assert.deepEqual(
      asked.map(({ status }) => status),
      [...Array(5).fill(200), ...Array(5).fill(304)],
    );
    assert.equal(second.executed.unchanged, 5);
    const view = ({ lines }: typeof first) =>
      lines
        .map(({ index, status, body, error }) => ({ index, status, body, error }))
        .sort((a, b) => a.index - b.index);
    assert.deepEqual(view(second), view(first));
    assert.ok(second.lines.every(({ headers }) => headers!['content-type'] === 'text/plain'));
    assert.ok(
      second.lines.every(({ headers }) => Number(headers!['x-seen']) >= 5),
      'headers are brought up to date',
    );
  });

test('an answer for one user is never given to another, and no-store is obeyed', async (t) => {
  const { base, asked } = await listen(t, ({ url }) => ({
    etag: '"e"',
    ...(url === '/secret' && { 'cache-control': 'private, no-store' }),
  }));
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const as = (user: string, path: string) =>
    rowsOf(1, () => base + path).map((job) => ({ ...job, headers: { 'x-user': user } }));
  await run(temporaryFolder(t), as('ann', '/page'), { cache });
  const other = await run(temporaryFolder(t), as('bob', '/page'), { cache });
  assert.equal(other.lines[0]!.body, 'body of /page for bob');
  await run(temporaryFolder(t), as('ann', '/secret'), { cache });
  await run(temporaryFolder(t), as('ann', '/secret'), { cache });
  assert.deepEqual(
    asked.map(({ status }) => status),
    [200, 200, 200, 200],
  );
});

test('no secret of a row or an answer is kept, and pages are followed as if everything were', async (t) => {
  const secret = 'hunter2marked';
  const { base, asked } = await listen(t, ({ url }) => ({
    etag: '"e"',
    'set-cookie': `sid=${secret}`,
    'x-next': `/?token=${secret}`,
    ...(url === '/link' && { link: `</last?token=${secret}>; rel="next"` }),
  }));
  const cache = join(temporaryFolder(t), 'cache');
  const jobs = rowsOf(3, (i) => `${base}${['/plain', `/said/${secret}`, '/link'][i]}`).map((job) => ({
    ...job,
    secrets: [secret],
  }));
  const how = { cache, pages: { most: 9, next: 'link' } } as const;
  const [first, second] = [
    await run(temporaryFolder(t), jobs, how),
    await run(temporaryFolder(t), jobs, how),
  ];
  const kept = filesIn(cache).map((path) => readFileSync(path, 'utf8'));
  assert.equal(kept.length, 1);
  assert.ok(!kept.join('').includes(secret), kept.join(''));
  assert.equal(second.executed.unchanged, 1);
  const view = ({ lines }: typeof first) =>
    lines
      .map(({ index, page, status, headers, body, error }) => ({
        ...{ index, page, status, body, error },
        ...{ cookie: headers!['set-cookie'], next: headers!['x-next'] },
      }))
      .sort((one, other) => one.index - other.index || one.page - other.page);
  assert.deepEqual(view(second), view(first));
  assert.deepEqual(
    asked
      .slice(4)
      .map(({ url, status }) => [url, status])
      .sort(),
    [
      ['/last?token=hunter2marked', 200],
      ['/link', 200],
      ['/plain', 304],
      ['/said/hunter2marked', 200],
    ],
  );
});

test('files of the cache are whole and for their owner alone; one that is damaged is fetched again', async (t) => {
  const { base, asked } = await listen(t, () => ({ etag: '"e"' }));
  const cache = join(temporaryFolder(t), 'cache');
  const jobs = rowsOf(1, () => `${base}/x`);
  await run(temporaryFolder(t), jobs, { cache });
  const files = filesIn(cache);
  assert.equal(files.length, 1);
  const file = files[0]!;
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, readFileSync(file).subarray(0, 5));
  const { lines } = await run(temporaryFolder(t), jobs, { cache });
  assert.equal(lines[0]!.body, 'body of /x for all');
  assert.deepEqual(
    asked.map(({ status }) => status),
    [200, 200],
  );
});

test('pages are followed through answers that were kept', async (t) => {
  const { base } = await listen(t, ({ url }) => ({
    etag: '"e"',
    ...(url === '/1' && { link: '</2>; rel=next' }),
  }));
  const cache = join(temporaryFolder(t), 'cache');
  const how = { cache, pages: { most: 5, next: 'link' } } as const;
  for (let time = 0; time < 2; time++) {
    const { lines } = await run(
      temporaryFolder(t),
      rowsOf(1, () => `${base}/1`),
      how,
    );
    assert.deepEqual(
      lines.map(({ page, status, body }) => [page, status, body]),
      [
        [1, 200, 'body of /1 for all'],
        [2, 200, 'body of /2 for all'],
      ],
    );
  }
});
