import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byTime, byVerdict, type Outcome, sideOf, slowerByVerdict } from '../../src/compare/decide.ts';
import { probabilityOfLess } from '../../src/compare/exact-test.ts';
import type { Verdict } from '../../src/diagnose/index.ts';

function outcome(overlap: Verdict['overlap'], step: Verdict['step'], seconds: number): Outcome {
  return { complete: true, seconds, verdict: { overlap, step, wallMs: seconds * 1000 } };
}

test('the exact test is the share of the orders that are as extreme', () => {
  assert.equal(probabilityOfLess([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 1 / 252);
  assert.equal(probabilityOfLess([6, 7, 8], [1, 2, 3]), 1);
  assert.equal(probabilityOfLess([1, 3], [2, 4]), 2 / 6);
});

test('less overlap is slow, but not where it took less time', () => {
  assert.equal(slowerByVerdict(outcome('concurrent', 'none', 1), outcome('serial', 'sent', 5)), 'other');
  assert.equal(slowerByVerdict(outcome('serial', 'sent', 5), outcome('concurrent', 'none', 1)), 'one');
  assert.equal(slowerByVerdict(outcome('serial', 'sent', 1), outcome('concurrent', 'none', 5)), null);
  assert.equal(slowerByVerdict(outcome('partly', 'sent', 5), outcome('partly', 'dispatched', 2)), 'one');
  assert.equal(slowerByVerdict(outcome('partly', 'sent', 5), outcome('partly', 'sent', 2)), null);
});

test('a run without all of its answers is on no side, however fast', () => {
  const contrast = byVerdict(outcome('concurrent', 'none', 1), outcome('serial', 'sent', 5));
  assert.equal(sideOf({ ...outcome('concurrent', 'none', 0.1), complete: false }, contrast), null);
  assert.equal(sideOf(outcome('concurrent', 'none', 4), contrast), 'fast');
  assert.equal(sideOf(outcome('serial', 'sent', 1), contrast), 'slow');
  assert.equal(sideOf(outcome('partly', 'sent', 1.2), contrast), 'fast');
});

test('times alone decide only where chance is below 1%', () => {
  assert.equal(byTime([1, 1.1, 1.2, 1, 1.1], [2, 2.1, 1.9, 2, 2.2])?.by, 'time');
  assert.equal(byTime([1, 1.1, 1.2, 1, 1.1], [2, 2.1, 1, 2, 0.9]), null);
  assert.equal(byTime([1, 1, 1, 1, 1], [1.3, 1.3, 1.3, 1.3, 1.3]), null);
});
