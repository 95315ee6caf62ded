import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pages } from '../../../src/report/report.ts';
import { startOrigin } from './origin.ts';
import { inline, report, request, run, temporaryFolder } from './reports.ts';

const PLACE = { line: 7, column: 21 };

async function notesOf(t: TestContext, urls: readonly string[], pages: Pages | null, workers = 1) {
  const folder = temporaryFolder(t);
  const rows = inline(urls.map((url) => ({ url })));
  const { notes } = await run(report(folder, { rows, requests: [request('health', { pages })] }), {
    workers,
  });
  return { file: join(folder, 'report.yaml'), notes };
}

const byUrl: Pages = { next: 'url', path: '$.nxt', most: 10, place: PLACE };

test('a path to the next page that finds nothing in any first page is not passed over in silence', async (t) => {
  const { url, asked } = await startOrigin(t, () => [200, { next: '/2', items: [1] }]);
  const urls = [`${url}/0?api_key=hidden`, `${url}/1`, `${url}/2`];
  for (const pages of [
    byUrl,
    { ...byUrl, next: 'cursor', parameter: 'after' },
    { next: 'counter', parameter: 'page', start: 1, step: 1, items: '$.nxt', most: 10, place: PLACE },
  ] satisfies Pages[]) {
    const { file, notes } = await notesOf(t, urls, pages, 2);
    assert.equal(notes.length, 1, notes.join('\n'));
    assert.ok(
      notes[0]!.startsWith(`${file}:7:21: '$.nxt' finds nothing in the first page of 3 rows,`),
      notes[0],
    );
    assert.match(notes[0]!, /the first is of row \d: http:\/\/127\.0\.0\.1:\d+\/\d/);
    assert.doesNotMatch(notes[0]!, /hidden/);
  }
  assert.equal(asked.length, 9);
});

test('a row with more pages than may be asked for is told, with the line', async (t) => {
  const { url } = await startOrigin(t, (path) => [200, { nxt: `${path}x` }]);
  const { file, notes } = await notesOf(t, [`${url}/a`], { ...byUrl, most: 2 });
  assert.equal(notes.length, 1, notes.join('\n'));
  assert.ok(notes[0]!.startsWith(`${file}:7:21: 1 row has more pages than 'most' allows, 2 (`), notes[0]);
});

test('no note blames a path that is right: an API may leave it out, or say null, where one page is all', async (t) => {
  const { url } = await startOrigin(t, (path) => [200, path === '/0' ? { nxt: '/last' } : {}]);
  assert.deepEqual((await notesOf(t, [`${url}/0`, `${url}/1`], byUrl)).notes, []);
  const empty = await startOrigin(t, () => [200, { nxt: null }]);
  assert.deepEqual((await notesOf(t, [`${empty.url}/0`], byUrl)).notes, []);
  const failing = await startOrigin(t, () => [500, {}]);
  assert.deepEqual((await notesOf(t, [`${failing.url}/0`], byUrl)).notes, []);
});

test('an origin where the path finds nothing is named beside one where it does', async (t) => {
  const right = await startOrigin(t, () => [200, { nxt: '' }]);
  const wrong = await startOrigin(t, () => [200, {}]);
  const { notes } = await notesOf(t, [`${right.url}/0`, `${wrong.url}/1`], byUrl);
  assert.equal(notes.length, 1);
  assert.match(notes[0]!, /of 1 row, .*the first is of row 1: /);
  assert.ok(notes[0]!.includes(wrong.url), notes[0]);
});

test('a charset that nobody knows is named, and one that is known is not', async (t) => {
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', `text/plain; charset=${url!.slice(1)}`);
    response.end(Buffer.from('M\u00fcller', 'latin1'));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((ready) => server.once('listening', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { notes } = await notesOf(
    t,
    ['latin1', 'klingon', 'klingon', 'x-none'].map((charset) => `${url}/${charset}`),
    null,
  );
  assert.equal(notes.length, 2, notes.join('\n'));
  const [none, klingon] = notes.toSorted();
  assert.match(
    none!,
    /^health: the text of 1 answer may not be .*: the charset 'x-none' is not known .*row 3: /,
  );
  assert.match(
    klingon!,
    /^health: the text of 2 answers may not be .*: the charset 'klingon' is not known .*row [12]: /,
  );
});
