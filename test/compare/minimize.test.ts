import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layersOf, remembering, smallest } from '../../src/compare/minimize.ts';

const NUMBERS = Array.from({ length: 30 }, (_, number) => number);

/** What is enough, and how often it was asked. */
function asked(isEnough: (items: readonly number[]) => boolean) {
  let count = 0;
  return {
    ask: remembering<number>(async (items) => {
      count++;
      return isEnough(items);
    }),
    count: () => count,
  };
}

test('one of thirty is found by at most 2 + log2(30) questions, rounded up, wherever it is', async () => {
  for (const culprit of NUMBERS) {
    const { ask, count } = asked((items) => items.includes(culprit));
    assert.deepEqual(await smallest(NUMBERS, ask), [culprit]);
    assert.ok(count() <= 2 + Math.ceil(Math.log2(30)), `${culprit}: ${count()}`);
  }
});

test('two and three that are needed together are found, and nothing beside them', async () => {
  for (const culprits of [
    [0, 29],
    [3, 4],
    [7, 8, 21],
    [0, 1, 2],
    [27, 28, 29],
  ]) {
    const { ask } = asked((items) => culprits.every((each) => items.includes(each)));
    assert.deepEqual(
      [...(await smallest(NUMBERS, ask))!].sort((a, b) => a - b),
      culprits,
    );
  }
});

test('where nothing is enough the answer is none, not a guess', async () => {
  const { ask, count } = asked(() => false);
  assert.equal(await smallest(NUMBERS, ask), null);
  assert.equal(count(), 1);
  assert.equal(await smallest([], ask), null);
});

test('a set that is enough although a larger one is not is found', async () => {
  const { ask } = asked(
    (items) => items.includes(5) && (items.includes(6) || items.length > 20 || items.length < 3),
  );
  const found = await smallest(NUMBERS, ask);
  assert.ok(found?.includes(5), String(found));
});

test('roots come in a layer before what they require, and a circle is one layer', () => {
  const requires: Record<string, string[]> = { a: ['b'], b: ['c'], c: [], x: ['y'], y: ['x'] };
  const requiredBy = (item: string) =>
    Object.keys(requires).filter((other) => requires[other]!.includes(item));
  assert.deepEqual(layersOf(['c', 'b', 'a'], requiredBy), [['a'], ['b'], ['c']]);
  assert.deepEqual(layersOf(['x', 'y'], requiredBy), [['x', 'y']]);
});
