import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkRowsFor } from '../../src/chunks/chunk-size.ts';

const rows = (
  concurrency: number,
  of: number,
  rate: string | null = null,
  perOriginRate: string | null = null,
) => chunkRowsFor({ concurrency, rate, perOriginRate } as Parameters<typeof chunkRowsFor>[0], of);

test('a chunk takes about as long as five answers', () => {
  assert.equal(rows(1000, 1), 500);
  assert.equal(rows(30, 1), 150);
  assert.equal(rows(200, 4), 250);
  assert.equal(rows(4, 4), 100, 'small ones cost more than they save');
});

test('a low rate makes chunks of about ten seconds', () => {
  assert.equal(rows(100, 1, '5/s'), 50);
  assert.equal(rows(100, 1, '500/s', '60/m'), 10);
  assert.equal(rows(100, 4, '2/s'), 5);
  assert.equal(rows(100, 4, '10/h'), 1);
  assert.equal(rows(100, 1, '500/s'), 500);
});
