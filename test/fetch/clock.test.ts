import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callAfter, systemClock } from '../../src/fetch/clock.ts';

/** Milliseconds that a timer of Node takes for 1. */
const TOO_LONG_MS = [2 ** 31, 2 ** 32 + 5, 1e300, Number.POSITIVE_INFINITY];

for (const ms of TOO_LONG_MS)
  test(`an alarm in ${ms} ms does not ring at once, nor again and again`, async () => {
    let rung = 0;
    const alarm = systemClock.after(ms, () => rung++);
    const cancel = callAfter(ms, () => rung++);
    await sleep(100);
    alarm.cancel();
    cancel();
    assert.equal(rung, 0);
  });

test('what is called after a time that no timer waits is called once, when all of it is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const pass = (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  let called = 0;
  callAfter(5e9, () => called++);
  const cancel = callAfter(5e9, () => assert.fail('it was given up'));
  for (let i = 0; i < 4; i++) pass(1e9);
  cancel();
  pass(999_999_999);
  assert.equal(called, 0);
  pass(1);
  pass(5e9);
  assert.equal(called, 1);
});
