import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainedIn } from '../../src/diagnose/chains.ts';
import { noEvidence } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { exchange, judged, many } from './example.ts';

const inTurn = (count: number, from: (id: number) => readonly number[] | undefined): Exchange[] =>
  many(count, (index) => {
    const source = from(index + 1);
    return exchange(
      { wanted: 100 * index, read: 100 * (index + 1) },
      { id: index + 1, ...(source && { from: source }) },
    );
  });

const chained = (exchanges: readonly Exchange[]) =>
  [...chainedIn({ ...noEvidence(), exchange: [...exchanges] })].map(({ id }) => id);

describe('exchanges that had to follow the one before', () => {
  it('are those whose URL came out of its answer: page after page', () => {
    assert.deepEqual(chained(inTurn(4, (id) => (id === 1 ? [] : [id - 1]))), [2, 3, 4]);
  });

  it('are not those that all came out of one list: they could have gone together', () => {
    assert.deepEqual(chained(inTurn(5, (id) => (id === 1 ? [] : [1]))), [2]);
  });

  it('are none where nobody looked', () => {
    assert.deepEqual(chained(inTurn(5, () => undefined)), []);
  });
});

describe('the verdict of requests in turn', () => {
  it('of pages that follow from one another blames nothing, and promises nothing', () => {
    const verdict = judged(inTurn(10, (id) => (id === 1 ? [] : [id - 1])));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['serial', 'wanted', 1]);
    assert.equal(
      verdict.verdict,
      'serial: 10 requests, each of which came out of the answer before it; took 1.0 s',
    );
  });

  it('makes no reservation where the URLs were looked for in earlier answers, and were not there', () => {
    assert.match(judged(inTurn(10, () => [])).verdict, /took 1\.0 s, 0\.1 s possible \(10x\)$/);
  });
});
