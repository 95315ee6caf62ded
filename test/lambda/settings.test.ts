import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rate } from '../../src/fetch/index.ts';
import { chunkRowsFor } from '../../src/lambda/run/settings.ts';
import type { Report } from '../../src/report/index.ts';

test('a chunk is no larger than what a rate allows in a tenth of an invocation, so that one can be finished', () => {
  const rows = (concurrency: number, wholeMs: number, rate: Rate | null, perOriginRate: Rate | null = null) =>
    chunkRowsFor({ concurrency, rate, perOriginRate } as Report['limits'], wholeMs);
  assert.equal(rows(100, 900_000, null), 400);
  assert.equal(rows(100, 900_000, '500/s'), 400);
  assert.equal(rows(100, 900_000, '600/h'), 15);
  assert.equal(rows(14, 10_000, '2/s'), 2);
  assert.equal(rows(14, 10_000, null, '2/s'), 2);
  assert.equal(rows(14, 10_000, '6/h'), 1);
});
