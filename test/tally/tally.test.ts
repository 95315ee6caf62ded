import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin, Tally } from '../../src/tally/index.ts';
import { failure, result } from '../store/example.ts';

test('statuses and failures are counted, with the first of each code as its example', () => {
  const tally = new Tally();
  for (const one of [result({ bytes: 5 }), result({ status: 404, bytes: 7 }), failure(2), failure(3)])
    tally.add(one);
  assert.equal(tally.results, 4);
  assert.equal(tally.failed, 2);
  assert.equal(tally.bytes, 16);
  assert.deepEqual(
    [...tally.statuses],
    [
      [200, 1],
      [404, 1],
    ],
  );
  assert.deepEqual(tally.failures(), [
    {
      code: 'reset',
      count: 2,
      origins: [{ origin: 'https://example.test', count: 2 }],
      example: { url: 'https://example.test/2', text: 'the connection ended' },
    },
  ]);
});

test('the slowest origins come first, and one origin alone is not named', () => {
  const tally = new Tally();
  tally.add(result({ url: 'https://a.test/1', totalMs: 10 }));
  assert.deepEqual(tally.slowestOrigins(3), []);
  tally.add(result({ url: 'https://joe:x@b.test:8443/1', totalMs: 30 }));
  tally.add(result({ url: 'https://a.test/2', totalMs: 30 }));
  assert.deepEqual(tally.slowestOrigins(3), [
    { origin: 'https://b.test:8443', answers: 1, meanMs: 30, maxMs: 30 },
    { origin: 'https://a.test', answers: 2, meanMs: 20, maxMs: 30 },
  ]);
  assert.equal(tally.slowestOrigins(1).length, 1);
});

test('a limit of failures is a number or a share of all', () => {
  assert.ok(isWithin({ count: 2 }, 2, 5));
  assert.ok(!isWithin({ count: 2 }, 3, 5));
  assert.ok(isWithin({ percent: 1 }, 10, 1000));
  assert.ok(!isWithin({ percent: 1 }, 11, 1000));
  assert.ok(isWithin({ percent: 0 }, 0, 0));
});
