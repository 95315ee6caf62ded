import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evenShares, shares } from '../../src/execute/shares.ts';

test('shares go to who wants them: nobody gets more than it wants, and nothing is left while somebody wants more', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.array(fc.nat(300), { minLength: 1, maxLength: 8 }), (whole, wants) => {
      const given = shares(whole, wants);
      const sum = given.reduce((all, share) => all + share, 0);
      assert.ok(given.every((share, i) => share >= 0 && share <= wants[i]!));
      assert.equal(
        sum,
        Math.min(
          whole,
          wants.reduce((all, want) => all + want, 0),
        ),
      );
      for (let i = 0; i < wants.length; i++)
        for (let j = 0; j < wants.length; j++)
          if (given[i]! < wants[i]!)
            assert.ok(given[j]! <= given[i]! + 1, 'who is short has no less than the others');
    }),
  );
});

test('even shares differ by one at most', () => {
  assert.deepEqual(evenShares(10, 3), [4, 3, 3]);
  assert.deepEqual(evenShares(2, 3), [1, 1, 0]);
});
