import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { criticalPath, type PathPiece } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { block, idsIn, request, stack } from './causes/example.ts';
import { many, us } from './example.ts';

const pathOf = (exchanges: readonly Exchange[]): readonly PathPiece[] => criticalPath(exchanges, us(60_000));

const sumOf = (path: readonly PathPiece[], does: PathPiece['does']): number =>
  path.filter((piece) => piece.does === does).reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);

/** Ids of exchanges, each once, in the order in which they are on the path. */
const idsOf = (path: readonly PathPiece[]): number[] => [...new Set(path.map(({ exchange }) => exchange))];

describe('the critical path', () => {
  it('of 6 behind 2 slots is the chain of those that let the next one through', () => {
    const path = pathOf(
      many(6, (index) => {
        const fromMs = 1_000 * Math.floor(index / 2);
        return request(
          index,
          { wanted: 0, dispatched: fromMs, read: fromMs + 1_000 - index },
          { unit: index },
        );
      }),
    );
    assert.equal(path.length, 3 + path.filter(({ does }) => does === 'waits').length);
    assert.deepEqual(
      path.filter(({ does }) => does === 'request').map(({ letsThrough }) => letsThrough),
      [true, true, false],
    );
    assert.ok(sumOf(path, 'request') > us(2_980));
  });

  it('of requests in a loop has what the program does between them', () => {
    const path = pathOf(
      many(5, (index) =>
        request(index, { wanted: 300 * index, read: 300 * index + 100 }, { thread: 7, stack: 1 }),
      ),
    );
    assert.deepEqual(idsOf(path), [0, 1, 2, 3, 4]);
    assert.deepEqual([sumOf(path, 'request'), sumOf(path, 'between')], [us(500), us(800)]);
    assert.ok(path.every(({ does, isGuessed }) => does !== 'between' || isGuessed));
  });

  it('of connections that one thread opens goes over those that held it, where that is known', () => {
    const exchanges = many(4, (index) =>
      request(
        index,
        {
          wanted: 0,
          dispatched: 0,
          connected: 1_000 * index,
          sent: 1_000 * index,
          read: 1_000 * (index + 1),
        },
        { thread: 7, unit: index },
      ),
    );
    assert.deepEqual(idsOf(criticalPath(exchanges, us(4_000))), [3]);
    const held = criticalPath(exchanges, us(4_000), (_, fromUs, toUs) => toUs - fromUs);
    assert.deepEqual(idsOf(held), [0, 1, 2, 3]);
  });

  it('of batches goes over the slowest of each', () => {
    const path = pathOf(
      many(20, (index) => {
        const batch = Math.floor(index / 5);
        const slowest = 5 * batch + (batch % 5);
        return request(
          index,
          { wanted: 1_000 * batch, read: 1_000 * batch + (index === slowest ? 1_000 : 100) },
          { thread: 7, unit: index },
        );
      }),
    );
    assert.deepEqual(idsOf(path), [0, 6, 12, 18]);
    assert.equal(sumOf(path, 'request'), us(4_000));
  });

  it('of work with work beside it leaves out what delayed nothing', () => {
    const main = many(4, (index) =>
      request(index, { wanted: 1_000 * index, read: 1_000 * (index + 1) }, { thread: 7 }),
    );
    const beside = many(6, (index) =>
      request(
        50 + index,
        { wanted: 0, dispatched: 300 * index, read: 300 * (index + 1) },
        { thread: 9 + index },
      ),
    );
    assert.deepEqual(idsOf(pathOf([...main, ...beside])), [0, 1, 2, 3]);
  });

  it('has no end before its beginning, and each moment once', () => {
    const exchanges = many(40, (index) =>
      request(
        index,
        {
          wanted: (37 * index) % 500,
          dispatched: 500 + ((91 * index) % 700),
          read: 1_300 + ((53 * index) % 900),
        },
        { thread: index % 3, unit: index % 7 },
      ),
    );
    const path = pathOf(exchanges);
    path.forEach(({ fromUs, toUs }, at) => {
      assert.ok(fromUs < toUs);
      assert.ok(at === 0 || fromUs >= path[at - 1]!.toUs - us(1));
    });
    assert.equal(path.at(-1)!.toUs, Math.max(...exchanges.map(({ readUs }) => readUs!)));
  });
});

/** 20 requests that wait for one lock, held for 90 ms each, beside 4 that have their connections after `openedMs`. */
const lockedBeside = (openedMs: number) => [
  stack(1, '/app/report.py:14 log'),
  stack(2, '/app/report.py:30 fetch'),
  many(4, (index) =>
    request(
      index + 1,
      { wanted: 0, dispatched: 0, connected: openedMs, read: openedMs + 100 },
      { thread: 201 + index, stack: 2 },
    ),
  ),
  many(20, (index) =>
    request(
      101 + index,
      { wanted: 0, dispatched: 90 * index, read: 90 * (index + 1) },
      { thread: 101 + index, stack: 1 },
    ),
  ),
  many(19, (index) =>
    block('futex', 0, 90 * (index + 1), { thread: 102 + index, unit: 102 + index, stack: 1 }),
  ),
];

it('a lock is blamed where the run waits for it, and not for what waits beside the critical path', () => {
  assert.ok(idsIn(...lockedBeside(0)).includes('lock'));
  assert.ok(!idsIn(...lockedBeside(2_000)).includes('lock'));
});
