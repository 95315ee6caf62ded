import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectation, noEvidence } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { exchange, folded, fromOutside, many } from './example.ts';

const atOnce = many(50, (index) => exchange({ wanted: 0, sent: index * 0.3, read: 100 }));
const twoByTwo = many(50, (index) =>
  exchange({ wanted: 0, dispatched: 100 * (index >> 1), read: 100 * (index >> 1) + 100 }),
);

describe('--expect', () => {
  it('is met when so many were in flight, and 0.8 of them in the mean while so many were wanted', () => {
    const { met, line } = expectation(folded(atOnce), 50);
    assert.equal(met, true);
    assert.equal(line, 'expected 50: max 50, mean 46.3: ok');
  });

  it('is not met when too few were in flight', () => {
    const { met, line } = expectation(folded(twoByTwo), 20);
    assert.equal(met, false);
    assert.equal(line, 'expected 20: max 2, mean 2.0: not met');
  });

  it('is not met by a peak alone', () => {
    const late = many(20, (index) => exchange({ wanted: 0, dispatched: index === 0 ? 0 : 900, read: 1_000 }));
    assert.equal(expectation(folded(late), 20).line, 'expected 20: max 20, mean 2.9: not met');
  });

  it('counts only the time in which so many were wanted', () => {
    const slowEnd = many(20, (index) => exchange({ wanted: 0, read: index === 0 ? 5_000 : 100 }));
    assert.equal(expectation(folded(slowEnd), 20).line, 'expected 20: max 20, mean 20.0: ok');
  });

  it("can't be judged where nobody saw what was wanted and the facts allow both", () => {
    const waves = many(40, (index) =>
      fromOutside(exchange({ wanted: index < 20 ? 0 : 1_000, read: index < 20 ? 100 : 1_100 })),
    );
    const { met, line } = expectation(folded(waves), 20);
    assert.equal(met, null);
    assert.match(
      line,
      /^expected 20: max 20, mean 3\.6: can't be judged: nobody saw how many were wanted at once \(--wanted N says it\)/,
    );
  });

  it('is judged without sight of what was wanted where the facts allow one answer', () => {
    assert.equal(expectation(folded(atOnce.map(fromOutside)), 50).met, true);
    assert.equal(expectation(folded(twoByTwo.map(fromOutside)), 20).met, false);
    assert.equal(expectation(folded(twoByTwo.map(fromOutside)), 20, { wanted: 20 }).met, false);
  });

  it("can't be judged of nothing", () => {
    assert.deepEqual(expectation(folded([]), 5).met, null);
  });

  const evidence = noEvidence();
  const later = (from: number, count: number, given: Partial<Exchange> = {}) =>
    many(count, () => exchange({ wanted: from, read: from + 300 }, given));
  const inTurn = (count: number, given: Partial<Exchange> = {}) =>
    many(count, (index) => exchange({ wanted: 300 * index, read: 300 * (index + 1) }, given));

  it('is not met where as many went one after another before', () => {
    const { met, line } = expectation(folded([...inTurn(20), ...later(6_000, 20)]), 20, { evidence });
    assert.equal(met, false);
    assert.equal(
      line,
      'expected 20: max 20, mean 20.0: not met by 20 exchanges with https://example.com, from 0.0 ms on',
    );
  });

  it('is met where fewer went first, or where their URLs came out of earlier answers', () => {
    assert.equal(expectation(folded([...inTurn(4), ...later(1_200, 20)]), 20, { evidence }).met, true);
    const dependent = [...inTurn(20, { from: [1] }), ...later(6_000, 20)];
    assert.equal(expectation(folded(dependent), 20, { evidence }).met, true);
  });

  it('is met where others went one after another beside it', () => {
    const beside = many(30, (index) =>
      exchange({ wanted: 10 * index, read: 10 * (index + 1) }, { origin: 'https://log.example' }),
    );
    assert.equal(expectation(folded([...later(0, 20), ...beside]), 20, { evidence }).met, true);
  });

  it('never passes by exchanges whose end nobody saw', () => {
    const unread = inTurn(20).map(({ readUs: _, ...rest }) => ({ ...rest, readUs: null }));
    const { met, line } = expectation(folded(unread), 4, { endedUs: 6_000_000 });
    assert.equal(met, null);
    assert.match(line, /can't be judged: nobody saw when requests ended$/);
  });
});
