import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rowsOf, run, temporaryFolder } from './orders.ts';

const SECRET = 'Geheimnis-von-Müller';
/** Says back in its own charset what it was asked for, and where the next page is. */
const SAID = JSON.stringify({ said: SECRET, next: '/last?ö' });

const ANSWERS: ReadonlyArray<readonly [contentType: string, body: Buffer]> = [
  ['application/json; charset=iso-8859-1', Buffer.from(SAID, 'latin1')],
  ['application/json', Buffer.from(`\ufeff${SAID}`, 'utf16le')],
  ['application/json', Buffer.from(`\ufeff${SAID}`)],
];

async function listen(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const answer = ANSWERS[Number(request.url!.slice(1))];
    response.writeHead(200, { 'content-type': answer?.[0] ?? 'application/json', etag: '"1"' });
    response.end(answer?.[1] ?? '{}');
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((ready) => server.once('listening', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a part has text of any charset as text, and its next page is found', async (t) => {
  const base = await listen(t);
  const pages = { next: 'url', path: '$.next', most: 2 } as const;
  const { lines } = await run(
    temporaryFolder(t),
    rowsOf(ANSWERS.length, (i) => `${base}/${i}`),
    { pages },
  );
  const first = lines.filter(({ page }) => page === 1).map(({ body, bodyEncoding }) => [body, bodyEncoding]);
  assert.deepEqual(first, Array(ANSWERS.length).fill([SAID, 'utf8']));
  const last = lines.filter(({ page }) => page === 2).map(({ url }) => url);
  assert.deepEqual(last, Array(ANSWERS.length).fill(`${base}/last?%C3%B6`));
});

test('a secret is neither in a part nor in a cache because it is in another charset', async (t) => {
  const base = await listen(t);
  const cache = join(temporaryFolder(t), 'cache');
  const rows = rowsOf(ANSWERS.length, (i) => `${base}/${i}`).map((row) => ({ ...row, secrets: [SECRET] }));
  const { lines } = await run(temporaryFolder(t), rows, { cache });
  for (const { body } of lines) assert.equal(JSON.parse(body!).said, '***');
  assert.deepEqual(readdirSync(cache), []);
});
