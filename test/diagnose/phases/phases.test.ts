import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence } from '../../../src/diagnose/index.ts';
import type { Exchange } from '../../../src/trace/index.ts';
import { exchange, fromOutside, judged, many } from '../example.ts';

const inTurn = (count: number, from: number, given: Partial<Exchange> = {}) =>
  many(count, (index) => exchange({ wanted: from + 300 * index, read: from + 300 * (index + 1) }, given));

const atOnce = (count: number, from: number, given: Partial<Exchange> = {}) =>
  many(count, () => exchange({ wanted: from, read: from + 300 }, given));

const evidence = {
  ...noEvidence(),
  stack: many(3, (index) => ({
    kind: 'stack' as const,
    id: index + 1,
    frames: [{ file: '/app/x.py', line: 10 * (index + 1) }],
  })),
};

const mannersOf = ({ phases }: ReturnType<typeof judged>) =>
  phases.map(({ fromMs, toMs, at, requests, overlap }) => ({ fromMs, toMs, at, requests, overlap }));

describe('the phases of a run', () => {
  it('20 awaited, then 20 at once from one line: serial, 6.0 s, of which 5.7 could be saved', () => {
    const exchanges = [...inTurn(20, 0, { stack: 1 }), ...atOnce(20, 6_000, { stack: 1 })];
    const verdict = judged(exchanges, { evidence });
    assert.deepEqual([verdict.overlap, verdict.step, verdict.requests], ['serial', 'wanted', 20]);
    assert.deepEqual([verdict.wallMs, verdict.possibleWallMs], [6_000, 300]);
    assert.equal(
      verdict.facts[0],
      'This is of 20 of 40 exchanges, those asked at /app/x.py:10, from 0.0 ms to 6.0 s.',
    );
    assert.deepEqual(mannersOf(verdict), [
      { fromMs: 0, toMs: 6_000, at: '/app/x.py:10', requests: 20, overlap: 'serial' },
      { fromMs: 6_000, toMs: 6_300, at: '/app/x.py:10', requests: 20, overlap: 'concurrent' },
    ]);
  });

  it('the same, where nobody saw the line or what was wanted', () => {
    const exchanges = [...inTurn(20, 0), ...atOnce(20, 6_000)].map(fromOutside);
    const verdict = judged(exchanges);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.requests], ['serial', 'wanted', 20]);
  });

  it('packuments one by one, then tarballs 8 at once: serial', () => {
    const tarballs = many(40, (index) => {
      const from = 12_000 + 300 * (index >> 3);
      return exchange({ wanted: from, read: from + 280 + (index % 8) });
    });
    const verdict = judged([...inTurn(40, 0), ...tarballs]);
    assert.deepEqual([verdict.overlap, verdict.requests], ['serial', 40]);
    assert.deepEqual(
      verdict.phases.map(({ overlap }) => overlap),
      ['serial', 'concurrent'],
    );
  });

  it('a login, then 20 at once: concurrent, and the login is no phase that is blamed', () => {
    const login = exchange({ wanted: 0, read: 3_000 }, { stack: 1 });
    const verdict = judged([login, ...atOnce(20, 3_000, { stack: 2 })], { evidence });
    assert.deepEqual([verdict.overlap, verdict.causes], ['concurrent', []]);
  });

  it('a few in turn beside many at once are a fact, however long they take', () => {
    const list = many(4, (index) => exchange({ wanted: 1_000 * index, read: 1_000 * (index + 1) }));
    const verdict = judged([...list, ...atOnce(24, 4_000)]);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
  });

  it('three phases that are each concurrent: concurrent', () => {
    const three = [1, 2, 3].flatMap((stack) => atOnce(10 * stack, 2_000 * stack, { stack }));
    const verdict = judged(three, { evidence });
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
    assert.equal(verdict.phases.length, 3);
  });

  it('a phase that could save less than a fifth of the run is not the headline', () => {
    const verdict = judged([...inTurn(6, 0), ...many(40, () => exchange({ wanted: 2_000, read: 17_000 }))]);
    assert.equal(verdict.overlap, 'concurrent');
    assert.equal(verdict.phases[0]!.overlap, 'serial');
  });

  it('one in turn now and then does not interrupt those at once', () => {
    const pages = many(10, (page) => [...atOnce(1, 700 * page), ...atOnce(10, 700 * page + 300)]).flat();
    const verdict = judged(pages);
    assert.deepEqual([verdict.overlap, verdict.phases.length <= 2], ['concurrent', true]);
  });

  it('redirects and retries belong to the round of their request', () => {
    const redirected = many(8, (index) => [
      exchange({ wanted: 600 * index, read: 600 * index + 300 }),
      exchange({ wanted: 600 * index + 300, read: 600 * index + 600 }, { because: 'redirect' }),
    ]).flat();
    const verdict = judged([...redirected, ...atOnce(20, 4_800)]);
    assert.deepEqual([verdict.overlap, verdict.requests, verdict.exchanges], ['serial', 8, 16]);
  });

  it('of a whole of which too little is known, the largest phase is the headline only if it is good', () => {
    const [first, last] = [atOnce(20, 0, { stack: 1 }), atOnce(6, 2_000, { stack: 2 })];
    const slow = inTurn(12, 0, { stack: 1 });
    const twoByTwo = many(20, (index) => {
      const from = 9_000 + 3_000 * (index >> 1);
      return exchange({ wanted: from, read: from + 3_000 }, { stack: 2 });
    });
    const good = judged([...first, ...last].map(fromOutside), { evidence });
    assert.deepEqual([good.overlap, good.requests], ['concurrent', 20]);
    const unknown = judged([...slow, ...twoByTwo.slice(0, 10)].map(fromOutside), { evidence });
    assert.deepEqual([unknown.overlap, unknown.requests, unknown.causes], ['unknown', 22, []]);
  });

  it('two requests with one of several origins are no headline, though they went one after the other', () => {
    const batches = many(3, (index) => [
      exchange({ wanted: 900 * index, read: 900 * (index + 1) }, { origin: `https://${index % 2}.example` }),
      exchange({ wanted: 900 * index, read: 900 * index + 150 }, { origin: `https://${2 + index}.example` }),
    ]).flat();
    assert.equal(judged(batches).requests, 6);
  });

  it('a line that changes at every turn is judged as one', () => {
    const busy = many(60, (index) =>
      index % 2 === 0 ? inTurn(6, 4_000 * index) : atOnce(6, 4_000 * index),
    ).flat();
    assert.equal(judged(busy).phases.length, 1);
  });
});
