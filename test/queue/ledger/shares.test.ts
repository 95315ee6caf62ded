import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Amounts, type Claimant, sharesOf } from '../../../src/queue/ledger/shares.ts';

/** Every worker asks in its turn, `rounds` times. */
function settle(
  limits: Amounts,
  wants: readonly number[],
  before: readonly Amounts[],
  rounds = 3,
): Amounts[] {
  const holds = [...before];
  for (let round = 0; round < rounds; round++)
    for (let self = 0; self < wants.length; self++)
      holds[self] = sharesOf(limits, claimants(wants, holds), self);
  return holds;
}

function claimants(wants: readonly number[], holds: readonly Amounts[]): Claimant[] {
  return wants.map((want, i) => ({ wants: want, holds: holds[i] ?? {} }));
}

const of = (holds: readonly Amounts[], name: string) => holds.map((each) => each[name] ?? 0);

test('one worker has all, and a second one gets its half when the first has asked again', () => {
  const limits = { concurrency: 10, rate: 5, 'perOrigin:*': 4 };
  const first = sharesOf(limits, claimants([10, 0], []), 0);
  assert.deepEqual(first, limits);
  const second = sharesOf(limits, claimants([10, 10], [first]), 1);
  assert.deepEqual(second, {}, 'nothing is free yet');
  const [one, two] = settle(limits, [10, 10], [first]);
  assert.deepEqual(one, { concurrency: 5, rate: 2.5, 'perOrigin:*': 2 });
  assert.deepEqual(two, one);
});

test('who has nothing to do holds nothing, and who wants less leaves the rest to others', () => {
  assert.deepEqual(of(settle({ concurrency: 12 }, [12, 0, 2], []), 'concurrency'), [10, 0, 2]);
});

test('where a limit is smaller than the number of workers, those who have begun go on and the others wait', () => {
  const limits = { concurrency: 100, 'perOrigin:*': 2 };
  const two = settle(limits, [100, 100], []);
  const four = settle(limits, [100, 100, 100, 100], two);
  assert.deepEqual(of(four, 'perOrigin:*'), [1, 1, 0, 0]);
  assert.deepEqual(of(four, 'concurrency').slice(2), [0, 0], 'and they hold nothing of other limits either');
  const one = settle(limits, [100, 0, 100, 100], four);
  assert.deepEqual(of(one, 'perOrigin:*'), [1, 0, 1, 0], 'one has ended: another begins');
});

test('workers that come and go in any order never hold more than a limit together, and end with fair shares', () => {
  const worker = fc.record({ self: fc.nat(5), wants: fc.constantFrom(0, 1, 3, 50) });
  const limits = fc.record({
    concurrency: fc.integer({ min: 1, max: 40 }),
    'perOrigin:a': fc.integer({ min: 1, max: 8 }),
    'perOrigin:*': fc.integer({ min: 1, max: 8 }),
    rate: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(limits, fc.array(worker, { maxLength: 60 }), (limits, turns) => {
      const wants = [0, 0, 0, 0, 0, 0];
      const holds: Amounts[] = wants.map(() => ({}));
      for (const turn of turns) {
        wants[turn.self] = turn.wants;
        holds[turn.self] = sharesOf(limits, claimants(wants, holds), turn.self);
        for (const [name, whole] of Object.entries(limits))
          assert.ok(of(holds, name).reduce((sum, held) => sum + held, 0) <= whole * (1 + 1e-9), name);
      }
      const settled = settle(limits, wants, holds, 8);
      const busy = settled.filter((_, i) => wants[i]! > 0);
      const most = Math.min(...Object.entries(limits).map(([name, whole]) => (name === 'rate' ? 99 : whole)));
      const working = busy.filter(({ concurrency = 0 }) => concurrency > 0);
      assert.equal(working.length, Math.min(busy.length, most), 'as many work as can');
      const again = settle(limits, wants, settled);
      assert.deepEqual(of(again, 'concurrency'), of(settled, 'concurrency'), 'and nothing moves any more');
    }),
    { numRuns: 2000 },
  );
});
