import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factory, selected } from './factory.ts';
import { ASPECTS, type Aspect } from './judge.ts';
import { wrongOf } from './report.ts';

/** How many of a hundred are right at least, in a quick run on a machine that does other things too. */
const LEAST: Readonly<Record<Aspect, number>> = { overlap: 80, step: 80, cause: 75, blame: 85 };

test('40 programs that nobody wrote are judged as they were made', { timeout: 170_000 }, async (t) => {
  const runs = await factory(selected({ seed: 1, count: 40, only: undefined }), {
    jobs: 3,
    withinMs: 110_000,
  });
  const left = runs.flatMap(({ outcome }) => (outcome.kind === 'left out' ? [outcome.reason] : []));
  assert.deepEqual(
    left.filter((reason) => reason.startsWith('failed')),
    [],
  );
  for (const reason of new Set(left)) t.diagnostic(`left out: ${reason}`);
  const judged = runs.flatMap(({ outcome }) => (outcome.kind === 'judged' ? [outcome.judged] : []));
  assert.ok(judged.length > 0, 'none could be run');
  if (runs.length < 40) t.diagnostic(`the machine is busy: ${runs.length} of 40 were begun in time`);
  for (const aspect of ASPECTS) {
    const right = judged.filter((one) => one.right[aspect]).length;
    assert.ok(right >= (LEAST[aspect] / 100) * judged.length, `${aspect}: ${wrongOf(runs)}`);
  }
});
