import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  differs,
  environmentDifference,
  moved,
  pairsOf,
  urlTimes,
  verdictRows,
} from '../../../src/page/model/two-runs.ts';
import type { Environment, Exchange } from '../../../src/trace/index.ts';
import { laid, timesOfExchanges } from './runs.ts';

const environment = (given: Partial<Environment>): Environment => ({
  kind: 'environment',
  pid: 1,
  language: 'python',
  version: '3.7.16',
  ...given,
});

describe('what differs between two runs', () => {
  it('is in the rows of their verdicts', async () => {
    const [slow, fast] = await Promise.all(
      ['slow', 'fast'].map((kind) => laid(`py-full-queue.${kind}.jsonl.zst`)),
    );
    const rows = verdictRows(slow!.verdict, fast!.verdict);
    const overlap = rows.find(({ what }) => what === 'overlap');
    assert.deepEqual(overlap, { what: 'overlap', a: slow!.verdict.overlap, b: fast!.verdict.overlap });
    assert.ok(rows.some(differs));
    assert.ok(!verdictRows(slow!.verdict, slow!.verdict).some(differs));
  });

  it('are modules that one has alone, or in another version', () => {
    const one = environment({
      modules: [
        { name: 'gevent', version: '1.4.0' },
        { name: 'requests', version: '2.21.0' },
      ],
    });
    const other = environment({
      modules: [
        { name: 'gevent', version: '1.5.0' },
        { name: 'requests', version: '2.21.0' },
        { name: 'pyOpenSSL', version: '19.0.0' },
      ],
    });
    const { modules, same } = environmentDifference([one], [other]);
    assert.deepEqual(modules, [
      { what: 'gevent', a: '1.4.0', b: '1.5.0' },
      { what: 'pyOpenSSL', a: null, b: '19.0.0' },
    ]);
    assert.equal(same, 2); // Python, and requests
  });

  it('are limits and patches, wherever the packages are', () => {
    const of = (folder: string, size: number, by: string) =>
      environment({
        limits: [
          {
            kind: 'workers',
            of: 'max_workers',
            size,
            setAt: `${folder}/lib/python3.7/site-packages/pool.py:3`,
          },
        ],
        patches: [{ target: 'urllib3.ssl', by, at: `${folder}/lib/python3.7/site-packages/x/y.py:1` }],
      });
    const same = environmentDifference([of('/one', 4, 'x')], [of('/two', 4, 'x')]);
    assert.deepEqual([same.limits, same.patches], [[], []]);
    const { limits, patches } = environmentDifference([of('/one', 4, 'x')], [of('/two', 8, 'z')]);
    assert.deepEqual(limits, [{ what: 'max_workers', a: '4, set at pool.py:3', b: '8, set at pool.py:3' }]);
    assert.deepEqual(
      patches.map(({ what }) => what),
      ['urllib3.ssl by x', 'urllib3.ssl by z'],
    );
  });

  const timed = (origin: string, ends: readonly number[]) => {
    const all = ends.map((end) => ({ wanted: 0, dispatched: 0, connected: 0, sent: 2, answered: end, end }));
    const exchange: Exchange[] = ends.map((_, id) => ({
      kind: 'exchange',
      id,
      origin,
      url: `${origin}/${id % 2}`,
    }));
    return { exchange, times: timesOfExchanges(all).times };
  };

  it('is the time of each URL, the one that changed most first', () => {
    const rows = urlTimes(timed('http://a', [10, 20, 10, 20]), timed('http://a', [10, 90]));
    assert.deepEqual(
      rows.map(({ url, a, b }) => [url, a?.count, a?.medianUs, b?.medianUs, b?.ownUs]),
      [
        ['http://a/1', 2, 20, 90, 88],
        ['http://a/0', 2, 10, 10, 8],
      ],
    );
  });

  it('is seen in pairs of exchanges of one URL, and in those that only one run has', () => {
    const pairs = pairsOf(timed('http://a', [10, 20, 10]), timed('http://a', [10, 20, 10, 20]));
    assert.deepEqual(pairs, [
      { a: 0, b: 0 },
      { a: 1, b: 1 },
      { a: 2, b: 2 },
      { a: -1, b: 3 },
    ]);
  });

  it('is on one time scale once a run is moved: all its times, and nothing else', () => {
    const run = timesOfExchanges([{ wanted: 5, dispatched: 6, connected: 7, sent: 8, answered: 9, end: 10 }]);
    const { times, segments } = moved(run, 100);
    assert.deepEqual([times.wanted[0], times.end[0], times.fromUs, times.toUs], [105, 110, 105, 110]);
    assert.deepEqual([...segments.fromUs], [105, 106, 107, 108, 109]);
    assert.deepEqual([run.times.wanted[0], segments.endUs[0]], [5, 110]);
  });

  it('is the time of each path, where each run had a server of its own', () => {
    const rows = urlTimes(timed('http://127.0.0.1:1', [10]), timed('http://127.0.0.1:2', [30]));
    assert.deepEqual(
      rows.map(({ url, a, b }) => [url, a?.medianUs, b?.medianUs]),
      [['/0', 10, 30]],
    );
  });
});
