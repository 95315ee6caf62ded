import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hide, withoutSecrets } from '../../src/execute/secrets.ts';
import type { Result } from '../../src/fetch/index.ts';

const answer = (body: string): Result =>
  ({
    input: 'http://example.com/?key=tok-12345&pin=12',
    url: 'http://example.com/?key=tok-12345&pin=12',
    finalUrl: null,
    error: null,
    headers: { 'x-said': 'tok-12345', date: 'Thu, 12 Nov 2026' },
    body: Buffer.from(body),
  }) as unknown as Result;

test('a secret that a server says back is hidden wherever it stands', () => {
  const { url, headers, body } = withoutSecrets(answer('{"key":"tok-12345"}'), ['tok-12345']);
  assert.equal(url, 'http://example.com/?key=***&pin=12');
  assert.equal(headers!['x-said'], '***');
  assert.equal(String(body), '{"key":"***"}');
});

test('a short secret is hidden in URLs, and spoils no answer', () => {
  const { url, headers, body } = withoutSecrets(answer('{"total":1200}'), ['12']);
  assert.ok(url.endsWith('pin=***'), url);
  assert.equal(headers!.date, 'Thu, 12 Nov 2026');
  assert.equal(String(body), '{"total":1200}');
});

test('a text without secrets is the same text', () => {
  assert.equal(hide('nothing here', ['tok-12345']), 'nothing here');
});
