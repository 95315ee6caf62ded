import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { block, idsIn, request, verdictOf } from './causes/example.ts';
import { many } from './example.ts';

describe('a program that does something else first, for each request', () => {
  /** Asked together at 0, called for from 800 ms on. */
  const prepared = many(20, (index) => {
    const dispatched = 800 + index;
    return request(index + 1, { wanted: 0, dispatched, read: dispatched + 200 });
  });

  it('is concurrent where all then go at once, and it is said how long that took', () => {
    const verdict = verdictOf(prepared);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
    assert.ok(verdict.facts.some((fact) => fact.startsWith('For 0.8 s the program did something else')));
  });

  it('is concurrent where the first was called for at once, after all the others had been wanted', () => {
    const late = request(21, { wanted: 790, read: 990 });
    assert.equal(verdictOf(prepared, late).overlap, 'concurrent');
  });

  it('is held up where it is one thread that does it for all of them', () => {
    const verdict = verdictOf(prepared, block('sleep', 0, 800));
    assert.deepEqual([verdict.overlap, verdict.causes[0]?.id], ['partly', 'loop-sleeps']);
  });

  it('is held up where some are called for while others wait', () => {
    const limited = many(20, (index) => {
      const dispatched = 300 + 200 * Math.floor(index / 4);
      return request(index + 1, { wanted: 0, dispatched, read: dispatched + 200 });
    });
    const verdict = verdictOf(limited);
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'dispatched']);
    assert.deepEqual(idsIn(limited), ['unexplained']);
  });
});
