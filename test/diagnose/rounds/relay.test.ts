import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { request, stack, verdictOf } from '../causes/example.ts';
import { many } from '../example.ts';

interface Plan {
  readonly workers?: number;
  readonly count?: number;
  readonly takesMs?: (index: number) => number;
  /** What a worker does after each. */
  readonly pauseMs?: number;
  readonly url?: (index: number) => string;
}

/** Workers that take the next of a list when theirs is read. */
function relay(
  {
    workers = 3,
    count = 12,
    takesMs = () => 200,
    pauseMs = 1,
    url = (index) => `https://example.com/${index}`,
  }: Plan = {},
  given: Partial<Exchange> = { from: [] },
): Exchange[] {
  const free = many(workers, (worker) => worker);
  return many(count, (index) => {
    const wanted = Math.min(...free);
    const read = wanted + takesMs(index);
    free[free.indexOf(wanted)] = read + pauseMs;
    return request(index + 1, { wanted, read }, { url: url(index), stack: 1, ...given });
  });
}

describe('workers that take from a list', () => {
  it('are partly concurrent, and their number and line are named, where no URL comes out of an answer', () => {
    const { overlap, step, verdict, possibleWallMs, causes } = judged(relay());
    assert.deepEqual([overlap, step, possibleWallMs], ['partly', 'wanted', 200]);
    assert.match(verdict, /12 requests, 3 at a time, each of the others wanted when one of them was read/);
    const [cause, ...others] = causes;
    assert.deepEqual([cause?.id, cause?.confidence, others], ['worker-limit', 'likely', []]);
    assert.match(cause!.text, /^At most 3 at a time: the next is asked for at report\.py:14 only when/);
  });

  it('need not take the same time for each', () => {
    assert.deepEqual(
      judged(relay({ takesMs: (index) => 150 + 37 * (index % 4) })).causes[0]?.id,
      'worker-limit',
    );
  });

  for (const [what, exchanges] of [
    ['where nobody looked', relay({}, {})],
    ['where each URL comes out of the answer before', relay({}, { from: [1] })],
    ['that ask for the same all the time', relay({ url: () => 'https://example.com/' })],
    ['that do something else after each', relay({ pauseMs: 150 })],
    ['that are enough for nearly all', relay({ workers: 10 })],
    ['that lose little', relay({ takesMs: () => 20 })],
  ] as const)
    it(`are no limit ${what}`, () => {
      const { overlap, causes } = judged(exchanges);
      assert.deepEqual([overlap, causes], ['concurrent', []]);
    });
});

function judged(exchanges: readonly Exchange[]) {
  return verdictOf(stack(1, '/app/report.py:14 main', '/app/report.py:21 <module>'), exchanges);
}
