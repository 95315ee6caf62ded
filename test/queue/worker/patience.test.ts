import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '../../../src/queue/worker/patience.ts';

test('after each failure the wait is twice as long, up to a minute, until something succeeds', () => {
  let nowMs = 0;
  const patience = new Patience(() => nowMs);
  /** Fails once more, and tells how many seconds it then waits. */
  const fail = () => {
    patience.failed();
    const sinceMs = nowMs;
    while (patience.isWaiting) nowMs += 500;
    return (nowMs - sinceMs) / 1000;
  };
  assert.equal(patience.isWaiting, false);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8].map(fail), [1, 2, 4, 8, 16, 32, 60, 60]);
  patience.succeeded();
  assert.equal(fail(), 1);
  patience.failed();
  patience.failed();
  assert.equal(fail(), 2, 'chunks that fail together are one failure');
});
