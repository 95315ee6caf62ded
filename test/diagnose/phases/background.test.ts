import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence } from '../../../src/diagnose/index.ts';
import { exchange, judged, many } from '../example.ts';

const evidence = {
  ...noEvidence(),
  stack: many(3, (index) => ({
    kind: 'stack' as const,
    id: index + 1,
    frames: [{ file: '/app/x.py', line: 10 * (index + 1) }],
  })),
};

const fetched = (count: number, atOnce: number) =>
  many(count, (index) => {
    const from = 500 * Math.floor(index / atOnce);
    return exchange({ wanted: 0, dispatched: from, read: from + 500 }, { stack: 1 });
  });

const posted = (count: number, from = 0) =>
  many(count, (index) =>
    exchange({ wanted: from + 100 * index, read: from + 100 * (index + 1) }, { stack: 2 }),
  );

describe('work in the background', () => {
  it('as of a thread that posts log records beside 20 at once is no headline, and not blamed', () => {
    const verdict = judged([...fetched(20, 20), ...posted(7)], { evidence });
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
    assert.deepEqual(
      verdict.phases.map(({ at, background, savesMs }) => ({ at, background, savesMs })),
      [
        { at: '/app/x.py:10', background: false, savesMs: 0 },
        { at: '/app/x.py:20', background: true, savesMs: 0 },
      ],
    );
  });

  it('does not hide what holds up the others', () => {
    const verdict = judged([...fetched(20, 2), ...posted(48)], { evidence });
    assert.deepEqual([verdict.overlap, verdict.step, verdict.requests], ['partly', 'dispatched', 20]);
    assert.deepEqual([verdict.wallMs, verdict.possibleWallMs], [5_000, 500]);
    assert.equal(
      verdict.facts[0],
      'This is of 20 of 68 exchanges: the others went one after another in the background.',
    );
  });

  it('is the headline where it goes on without the others for half of the run', () => {
    const verdict = judged([...fetched(20, 20), ...posted(20)], { evidence });
    assert.deepEqual([verdict.overlap, verdict.requests], ['serial', 20]);
  });

  it('is none where it goes before the others', () => {
    const verdict = judged([...fetched(20, 20), ...posted(12, -1_200)], { evidence });
    assert.deepEqual([verdict.overlap, verdict.requests], ['serial', 12]);
  });
});
