import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Budget } from '../../src/lambda/run/budget.ts';

/** Counts down from 10 s when the test says so. */
function budget() {
  const time = { leftMs: 10_000 };
  return { time, budget: new Budget(() => time.leftMs) };
}

const IDLE = { begun: 0, pending: 0, inFlight: 0 };

test('before anything is known of the servers, a chunk is begun while a tenth of the time is left', () => {
  const { time, budget: of } = budget();
  assert.ok(of.allows(100, IDLE));
  time.leftMs = 1000;
  assert.ok(!of.allows(100, IDLE));
});

test('the time to finish what was begun is kept, as the last chunks have shown it', async () => {
  const { time, budget: of } = budget();
  of.allows(100, IDLE);
  await sleep(100);
  // 10 rows in 0.1 s or more: 100 rows more need at least a second.
  const load = { begun: 10, pending: 0, inFlight: 0 };
  assert.ok(of.allows(100, load));
  time.leftMs = 1500;
  assert.ok(!of.allows(100, load), 'a chunk of 100 rows would come too late');
  assert.ok(of.allows(1, load), 'a smaller one would not');
  assert.ok(!of.allows(1, { ...load, begun: 110, pending: 100 }), 'neither would what was begun before');
});

test('a storage that is slow to write gets more time at the end', () => {
  const { time, budget: of } = budget();
  const before = of.untilLastMs;
  of.wrote(1000);
  of.wrote(10);
  assert.ok(before - of.untilLastMs >= 2000);
  time.leftMs = 2000;
  assert.ok(of.untilLastMs < 0);
});

test('SQL and dumps begin in an invocation that has time for them', () => {
  const { time, budget: of } = budget();
  assert.ok(of.allowsCrunch);
  time.leftMs = 2900;
  assert.ok(!of.allowsCrunch);
});
