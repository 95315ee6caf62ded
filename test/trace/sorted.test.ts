import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWhile } from '../../src/trace/index.ts';

test('of a sorted list, countWhile counts what filter would', () => {
  const sorted = [1, 2, 2, 2, 5, 8];
  for (const value of [0, 1, 2, 3, 5, 8, 9]) {
    assert.equal(
      countWhile(sorted, (item) => item < value),
      sorted.filter((item) => item < value).length,
    );
    assert.equal(
      countWhile(sorted, (item) => item <= value),
      sorted.filter((item) => item <= value).length,
    );
  }
  assert.equal(
    countWhile([], () => true),
    0,
  );
});
