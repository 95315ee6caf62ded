import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sample } from '../../bench/measure.ts';
import { PEERS } from '../../bench/peers.ts';
import { median, summarize } from '../../bench/summary.ts';
import { table } from '../../bench/table.ts';
import { targets } from '../../bench/targets.ts';
import { workloads } from '../../bench/workloads.ts';

const ALL = workloads();
const W2 = ALL.find(({ id }) => id === 'W2')!;

function peer(name: string) {
  return PEERS.find((one) => one.name === name)!;
}

/** A run that took this long, with a CPU second for each 50,000 GETs, and did all but `missing` of it. */
function run(wallSeconds: number, missing = 0, timedOut = false): Sample {
  const right = W2.count - missing;
  return {
    wallSeconds,
    cpuSeconds: 1,
    peakRssMb: 100,
    exitCode: timedOut ? -1 : 0,
    timedOut,
    server: {
      requests: right,
      inFlightMax: 100,
      inFlightMean: 90,
      connections: 100,
      http2: 0,
      cpuSeconds: 1,
    },
    stored: {
      right,
      failed: 0,
      wrong: 0,
      missing,
      example: missing > 0 ? `${missing} without an answer` : null,
    },
    otherLoad: 0,
    complaint: null,
  };
}

function rowsOf(samples: Readonly<Record<string, readonly Sample[]>>) {
  return summarize({
    workload: W2,
    samples: new Map(Object.entries(samples).map(([name, runs]) => [peer(name), runs])),
  });
}

describe('the maths of the table', () => {
  test('the median is the middle one, or between the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([10, 1, 9, 2]), 5.5);
    assert.throws(() => median([]), RangeError);
  });

  test("ratios are of the better one of Go's two protocols, by medians", () => {
    const rows = rowsOf({
      abreast: [run(2), run(2.2), run(9)],
      'Go net/http h1': [run(4), run(2), run(1)],
      'Go net/http h2': [run(3)],
    });
    assert.deepEqual(
      rows.map((row) => row.ofGo),
      [1.1, 1, 1.5],
    );
    assert.equal(rows[0]!.requestsPerSecond, 50_000 / 2.2);
    assert.equal(rows[0]!.cpuMicrosPerRequest, 20);
  });

  test('a Go run that did not do all of it is nothing to compare with', () => {
    const rows = rowsOf({ abreast: [run(2)], 'Go net/http h1': [run(1, 5)], 'Go net/http h2': [run(4)] });
    assert.equal(rows[0]!.ofGo, 0.5);
  });
});

describe('the table', () => {
  test('ranks by wall time, those who did not do all of it last and with the reason', () => {
    const text = table(
      rowsOf({
        abreast: [run(2)],
        got: [run(1, 7)],
        axios: [run(60, 40_000, true)],
        'Go net/http h1': [run(1.9)],
      }),
    );
    const names = text.split('\n').flatMap((line) => /^\| (\S.*?) +\| +>?\d/.exec(line)?.[1] ?? []);
    assert.deepEqual(names, ['Go net/http h1', 'abreast', 'got', 'axios']);
    assert.match(text, /- got: .*49993 right, 0 failed, 0 wrong, 7 missing; 7 without an answer/);
    assert.match(text, /- axios: killed after 60 s with 10000 of 50000 done/);
  });

  test('fits 80 columns', () => {
    const wide = PEERS.map((one): [string, Sample[]] => [one.name, [run(44.444)]]);
    for (const line of table(rowsOf(Object.fromEntries(wide))).split('\n'))
      assert.ok(line.length <= 80, line);
  });

  test('says when the machine was busy with something else', () => {
    const busy = { ...run(2), otherLoad: 0.7 };
    assert.match(table(rowsOf({ abreast: [busy] })), /0\.7 cores' worth of other work/);
    assert.doesNotMatch(table(rowsOf({ abreast: [run(2)] })), /other work/);
  });
});

describe('the targets', () => {
  const judged = (ours: Sample, text: string) => {
    const rows = rowsOf({ abreast: [ours], 'Go net/http h1': [run(2)], 'undici dispatch h1': [run(3)] });
    return targets(new Map([['W2', rows]])).find((target) => target.text.startsWith(text))!;
  };

  test('are met at the limit and missed beyond it', () => {
    assert.equal(judged(run(2.2), 'W2 <= 1.1x of Go').met, true);
    assert.equal(judged(run(2.21), 'W2 <= 1.1x of Go').met, false);
    assert.equal(judged(run(2.9), 'W2 ahead of every Node and Python peer in wall').met, true);
    assert.equal(judged(run(3.1), 'W2 ahead of every Node and Python peer in wall').met, false);
  });

  test('are not met by a run that lost an answer, and not judged without a measurement', () => {
    assert.equal(judged(run(1, 1), 'W2 <= 1.1x of Go').met, null);
    assert.equal(judged(run(1), 'W4 <= 1.3x of Go').met, null);
  });
});

describe('the workloads', () => {
  test('ask for every index once, W3 at 1,000 origins and 10 times each, neighbours apart', () => {
    const w3 = ALL.find(({ id }) => id === 'W3')!;
    const urls = Array.from({ length: w3.count }, (_, index) => new URL(w3.url(index, 443)));
    assert.equal(new Set(urls.map((url) => url.searchParams.get('i'))).size, 10_000);
    const perHost = Map.groupBy(urls, (url) => url.host);
    assert.equal(perHost.size, 1_000);
    assert.ok([...perHost.values()].every((same) => same.length === 10));
    assert.ok(urls.every((url, index) => url.host !== urls[index + 1]?.host));
  });
});
