import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, finish, start } from '../../src/diagnose/index.ts';
import { exchange } from './example.ts';

/** ABREAST_EXCHANGES=1000000 tries it with a million. */
const COUNT = Number(process.env.ABREAST_EXCHANGES ?? 200_000);

const nth = (index: number) =>
  exchange(
    { wanted: index / 40, sent: index / 40 + 0.5, answered: index / 40 + 40, read: index / 40 + 41 },
    { id: index },
  );

describe('a long run', () => {
  it('takes 64 bytes an exchange, and is judged whole', () => {
    const before = process.memoryUsage().arrayBuffers;
    const state = start();
    for (let index = 0; index < COUNT; index++) add(state, nth(index));
    const bytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(bytes <= 64 * COUNT + 500_000, `${bytes / COUNT} bytes an exchange`);
    const verdict = finish(state);
    assert.deepEqual([verdict.overlap, verdict.exchanges, verdict.wanted], ['concurrent', COUNT, 1_640]);
  });

  it('adds an exchange in less time than it takes to write it down', () => {
    const some = Array.from({ length: 1_000 }, (_, index) => nth(index));
    const state = start();
    const rounds = (work: (index: number) => void) => {
      const before = process.cpuUsage().user;
      for (let round = 0; round < 100; round++) for (let index = 0; index < some.length; index++) work(index);
      return process.cpuUsage().user - before;
    };
    let written = 0;
    const adding = rounds((index) => add(state, some[index]!));
    const writing = rounds((index) => {
      written += JSON.stringify(some[index]).length;
    });
    assert.ok(written > 0);
    assert.ok(adding < writing, `adding took ${adding} us, writing ${writing} us`);
  });
});
