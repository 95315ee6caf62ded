import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
import { request, verdictOf } from './example.ts';

/** 20 wanted at once, 200 ms each, 4 at a time: the others find no port, wait 200 ms and try again. */
const retried = (given: Partial<Exchange> = {}): Exchange[] =>
  many(20, (index) => {
    const failures = Math.floor(index / 4);
    const own = { request: index + 1, unit: index + 1 };
    const attempt = (at: number, ms: { wanted: number; read: number }, more: Partial<Exchange>) =>
      request(100 * index + at, ms, { ...own, because: at === 0 ? 'first' : 'retry', ...more });
    return [
      ...many(failures, (at) =>
        attempt(
          at,
          { wanted: 210 * at, read: 210 * at + 1 },
          {
            connectedUs: null,
            sentUs: null,
            answeredUs: null,
            readUs: null,
            failedUs: us(210 * at + 1),
            error: 'EADDRNOTAVAIL',
            ...given,
          },
        ),
      ),
      attempt(failures, { wanted: 210 * failures, read: 210 * failures + 200 }, {}),
    ];
  }).flat();

test('requests whose first attempts found no port waited to be connected since they were first wanted', () => {
  const { overlap, step, wanted, wallMs, possibleWallMs, causes, verdict } = verdictOf(retried());
  assert.deepEqual([overlap, step, wanted], ['partly', 'connected', 20]);
  assert.ok(wallMs > 1_000 && possibleWallMs! < 300, `${possibleWallMs} of ${wallMs}`);
  assert.match(verdict, /^40 of 60 failed: no local port was free/);
  assert.deepEqual(causes, []);
});

test('a retry after an answer is wanted when it is made', () => {
  const refused = {
    sentUs: us(0),
    answeredUs: us(1),
    readUs: us(1),
    failedUs: undefined as never,
    error: null,
  };
  const verdict = verdictOf(
    retried().map((one) => (one.sentUs === null ? { ...one, ...refused, status: 500 } : one)),
  );
  assert.notEqual(verdict.step, 'connected');
});
