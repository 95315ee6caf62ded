import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../src/compare/index.ts';
import { gardenOf, PLANTS } from './gardens.ts';
import type { Garden } from './planted.ts';
import { compareSimulated } from './simulated.ts';

const SEEDS = Array.from({ length: 150 }, (_, number) => number + 1);
/** Allowed for one culprit of thirty. */
const MOST_FOR_ONE = 4 + 2 * Math.log2(PLANTS);
const MOST_BY_DEFAULT = 40;

async function found(garden: Garden, slowByChance?: number) {
  const { comparison, runs } = await compareSimulated(garden, slowByChance);
  const names = comparison.set.map((each) => textOf(each).split(' ')[0]!).sort();
  return { ...comparison, names, runs };
}

function plantedIn({ plants }: Garden): string[] {
  return plants.flatMap(({ name, culprit }) => (culprit ? name : [])).sort();
}

test('exactly the planted culprits of thirty distributions are proved, in no more runs than are allowed', async () => {
  for (const seed of SEEDS) {
    const garden = gardenOf(seed);
    const planted = plantedIn(garden);
    const { outcome, names, text, runs } = await found(garden);
    assert.equal(outcome, 'proved', `seed ${seed}: ${text}`);
    assert.deepEqual(names, planted, `seed ${seed}`);
    const most = planted.length === 1 ? MOST_FOR_ONE : MOST_BY_DEFAULT;
    assert.ok(runs <= most, `seed ${seed}: ${runs} runs for ${planted.length}`);
  }
});

test('no wrong set is proved where one run is slow by chance', async () => {
  for (const seed of SEEDS.slice(0, 45)) {
    const garden = gardenOf(seed);
    for (let run = 3; run < 25; run++) {
      const { outcome, names } = await found(garden, run);
      if (outcome === 'proved') assert.deepEqual(names, plantedIn(garden), `seed ${seed}, run ${run}`);
    }
  }
});

test('what merely requires one of several culprits is not named in its place', async () => {
  const { names } = await found({
    threshold: 2,
    plants: [
      { name: 'one', way: 'optional', culprit: true },
      { name: 'two', way: 'optional', culprit: true },
      { name: 'wants-two', way: 'optional', culprit: false, requires: ['two'] },
    ],
  });
  assert.deepEqual(names, ['one', 'two']);
});

test('a distribution without which a culprit can not be imported is not named in its place', async () => {
  const { names, runs } = await found({
    threshold: 1,
    plants: [
      { name: 'part', way: 'part', culprit: false },
      { name: 'whole', way: 'optional', culprit: true, requires: ['part'], imports: 'part' },
    ],
  });
  assert.deepEqual(names, ['whole']);
  assert.equal(runs, 6);
});

test('what others fail without, and do not say that they require, goes along and is not named', async () => {
  const { names } = await found({
    threshold: 2,
    plants: [
      { name: 'silent', way: 'needed', culprit: false },
      { name: 'leans', way: 'optional', culprit: false, imports: 'silent' },
      { name: 'one', way: 'optional', culprit: true },
      { name: 'two', way: 'plugin', culprit: true },
    ],
  });
  assert.deepEqual(names, ['one', 'two']);
});
