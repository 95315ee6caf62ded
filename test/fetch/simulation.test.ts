import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from '../../simulation/simulate.ts';

const SEEDS = 2000;

test('whatever servers do, each input ends exactly once, in bounded time, and no slot is lost', async () => {
  let inputs = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { failure, inputs: more } = await simulate(seed);
    assert.equal(failure, null, `npm run simulate -- --seeds 1 --from ${seed}`);
    inputs += more;
  }
  assert.ok(inputs > (50 * SEEDS) / 2, `${inputs} inputs`);
});

test('a seed is the same run each time', async () => {
  assert.deepEqual(await simulate(7), await simulate(7));
});
