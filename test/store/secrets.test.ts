import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FetchError } from '../../src/fetch/index.ts';
import { file, result, store } from './example.ts';

const MARK = 'hunter2marked';
const secretUrl = `https://joe:${MARK}@example.test/a?token=${MARK}&page=2`;
const leaky = result({
  input: { url: secretUrl, headers: { authorization: `Bearer ${MARK}` } },
  url: secretUrl,
  finalUrl: `${secretUrl}&api_key=${MARK}`,
  error: new FetchError('status', `GET ${secretUrl} answered 401; authorization: Bearer ${MARK}`),
  headers: {
    'set-cookie': `sid=${MARK}; Path=/`,
    location: `/next?access_token=${MARK}`,
    'x-api-key': MARK,
    'access-control-allow-credentials': 'true',
  },
});

for (const name of ['o.jsonl', 'o.csv']) {
  test(`${name}: secrets of URLs, headers and error texts are replaced, and nothing else`, async () => {
    const path = file(name);
    await store(path, [leaky]);
    const text = readFileSync(path, 'utf8');
    assert.ok(!text.includes(MARK), text);
    assert.ok(text.includes('page=2'));
    assert.match(text, /allow-credentials"+:"+true/);
  });
}

test('with keepUrls URLs stay as they are, and headers do not', async () => {
  const path = file('o.jsonl');
  await store(path, [leaky], { keepUrls: true });
  const { url, headers } = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(url, secretUrl);
  assert.equal(headers['x-api-key'], '***');
});
