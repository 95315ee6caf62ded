import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { NextPages } from '../../src/execute/index.ts';
import { rowsOf, run, temporaryFolder } from './orders.ts';

async function listen(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((ready) => server.once('listening', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a server says about `page` of `pages`, for each way of saying it. */
function paged(request: IncomingMessage, response: ServerResponse, pages: number): void {
  const url = new URL(request.url!, 'http://here');
  const page = Number(url.searchParams.get('page') ?? url.searchParams.get('cursor')?.slice(1) ?? 1);
  const next = page < pages ? `${url.pathname}?page=${page + 1}` : null;
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(next !== null && { link: `</first>; rel="prev start", <${next}>; title="a, b; c"; rel="last next"` }),
  });
  const items = page <= pages ? [page] : [];
  response.end(JSON.stringify({ items, meta: { next, cursor: page < pages ? `c${page + 1}` : '' } }));
}

const WAYS: Readonly<Record<string, NextPages>> = {
  'by link header': { most: 100, next: 'link' },
  'by a URL in the body': { most: 100, next: 'url', path: '$.meta.next' },
  'by a cursor': { most: 100, next: 'cursor', path: '$.meta.cursor', parameter: 'cursor' },
  'by a counter': { most: 100, next: 'counter', parameter: 'page', start: 1, step: 1, items: '$.items' },
};

for (const [way, pages] of Object.entries(WAYS))
  test(`pages are followed ${way}, and every row has its own`, async (t) => {
    const base = await listen(t, (request, response) => paged(request, response, 4));
    const { lines, trace } = await run(
      temporaryFolder(t),
      rowsOf(5, (i) => `${base}/list/${i}`),
      { pages },
    );
    // A counter learns that it was the last page from one that is empty.
    const count = pages.next === 'counter' ? 5 : 4;
    for (let row = 0; row < 5; row++) {
      const own = lines.filter(({ index }) => index === row).sort((one, other) => one.page - other.page);
      assert.deepEqual(
        own.map(({ page }) => page),
        Array.from({ length: count }, (_, i) => i + 1),
      );
      assert.deepEqual(
        own.map(({ more }) => more),
        [...Array(count - 1).fill(true), false],
      );
      assert.deepEqual(
        own.flatMap(({ body }) => JSON.parse(body!).items),
        [1, 2, 3, 4],
      );
    }
    assert.equal(trace.match(/"because":"page"/g)?.length, 5 * (count - 1));
  });

test('no more pages are asked for than may be, and the row says that there were more', async (t) => {
  const base = await listen(t, (request, response) => paged(request, response, 10));
  const { lines, tooks } = await run(
    temporaryFolder(t),
    rowsOf(2, () => `${base}/x`),
    { pages: { most: 3, next: 'link' } },
  );
  assert.equal(lines.length, 6);
  assert.ok(lines.every(({ error }) => error === null));
  assert.equal(tooks.filter(({ cut }) => cut).length, 2);
});

test('pages that lead in a circle end with an error row', async (t) => {
  const base = await listen(t, (request, response) => {
    response.setHeader('link', `<${request.url === '/a' ? '/b' : '/a'}>; rel=next`).end('{}');
  });
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(1, () => `${base}/a`),
    { pages: { most: 100, next: 'link' } },
  );
  assert.deepEqual(
    lines.map(({ page, more, error }) => [page, more, error?.code ?? null]),
    [
      [1, true, null],
      [2, true, null],
      [3, false, 'page-loop'],
    ],
  );
});

test('an answer that is no JSON, or names no URL, ends its row with an error row', async (t) => {
  const bodies = ['<html>', '{"next": 7}', '{"next": "http://["}'];
  const base = await listen(t, (request, response) => response.end(bodies[Number(request.url!.slice(1))]));
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(3, (i) => `${base}/${i}`),
    {
      pages: { most: 9, next: 'url', path: '$.next' },
    },
  );
  const broken = lines.filter(({ page }) => page === 2);
  assert.deepEqual(
    broken.map(({ error }) => error!.code),
    ['bad-page', 'bad-page', 'bad-page'],
  );
  assert.equal(lines.length, 6);
});

test('an answer that is nested 100,000 deep ends its row with an error row', async (t) => {
  const deep = `{"next":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const base = await listen(t, (_request, response) => response.end(deep));
  for (const path of ['$.next', '$..next'])
    for (const next of ['url', 'cursor'] as const) {
      const { lines } = await run(
        temporaryFolder(t),
        rowsOf(1, (i) => `${base}/${i}`),
        {
          pages: { most: 9, path, ...(next === 'url' ? { next } : { next, parameter: 'p' }) },
        },
      );
      assert.deepEqual(
        lines.map(({ error }) => error?.code),
        [undefined, 'bad-page'],
      );
    }
});

test('no secret of an answer is in the message about its next page', async (t) => {
  const mark = 'hunter2marked';
  const said = [
    `http://joe:a ${mark}@h:xx/`,
    `http://joe:${'x'.repeat(250)}${mark}@h:xx/`,
    `http://[/?code=a'${mark}`,
    { url: 'x'.repeat(1000), token: mark },
    { token: mark },
    `/?code=a'${mark}`,
  ];
  const base = await listen(t, ({ url }, response) => {
    const { pathname } = new URL(url!, 'http://here');
    response.end(JSON.stringify({ next: said[Number(pathname.slice(1))] ?? `/?code=a'${mark}` }));
  });
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(said.length, (i) => `${base}/${i}`),
    { pages: { most: 9, next: 'url', path: '$.next' } },
  );
  const texts = lines.flatMap(({ error }) => (error === null ? [] : [error.text]));
  assert.equal(texts.length, said.length);
  for (const text of texts) {
    assert.ok(!text.includes(mark), text);
    assert.ok(text.length < 400, text);
  }
});

test('a page that fails ends its row', async (t) => {
  const base = await listen(t, (request, response) => {
    if (request.url === '/2') response.writeHead(500).end();
    else response.setHeader('link', '</2>; rel=next').end('1');
  });
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(1, () => `${base}/1`),
    { pages: { most: 9, next: 'link' } },
  );
  assert.deepEqual(
    lines.map(({ page, more, status, failed }) => [page, more, status, failed]),
    [
      [1, true, 200, false],
      [2, false, 500, true],
    ],
  );
});

test('credentials never go to another origin on a page link', async (t) => {
  const seen: unknown[][] = [];
  const names = ['authorization', 'private-token', 'x-mine', 'x-plain', 'host'];
  const note = (side: string, { headers }: IncomingMessage) =>
    seen.push([side, ...names.map((name) => headers[name])]);
  const other = await listen(t, (request, response) => {
    note('other', request);
    response.end();
  });
  const home = await listen(t, (request, response) => {
    note('home', request);
    response.setHeader('link', `<${request.url === '/1' ? '/2' : `${other}/3`}>; rel=next`).end();
  });
  const jobs = rowsOf(1, () => `${home}/1`).map((job) => ({
    ...job,
    headers: {
      Authorization: 'Bearer t',
      'Private-Token': 'k',
      'X-Mine': 'm',
      'x-plain': 'p',
      Host: 'home.test',
    },
    credentials: ['X-Mine'],
  }));
  await run(temporaryFolder(t), jobs, { pages: { most: 9, next: 'link' } });
  assert.deepEqual(seen, [
    ['home', 'Bearer t', 'k', 'm', 'p', 'home.test'],
    ['home', 'Bearer t', 'k', 'm', 'p', 'home.test'],
    ['other', undefined, undefined, undefined, 'p', new URL(other).host],
  ]);
});

test('a row that lacks a page after a crash is fetched again from its first page', async (t) => {
  const { readFileSync, writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const base = await listen(t, (request, response) => paged(request, response, 4));
  const folder = temporaryFolder(t);
  const jobs = rowsOf(3, (i) => `${base}/list/${i}`);
  await run(folder, jobs, { pages: WAYS['by link header']! });
  const part = join(folder, 'parts/0001-1.jsonl');
  const cut = readFileSync(part, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('{"index":1,"page":4'));
  writeFileSync(part, cut.join('\n'));
  const again = await run(folder, jobs, { pages: WAYS['by link header']! });
  assert.equal(again.executed.results, 4);
  const keys = again.lines.map(({ index, page }) => `${index}.${page}`).sort();
  assert.deepEqual(
    keys,
    [0, 1, 2].flatMap((row) => [1, 2, 3, 4].map((page) => `${row}.${page}`)),
  );
});
