import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence } from '../../../src/diagnose/index.ts';
import type { Exchange } from '../../../src/trace/index.ts';
import { stack, verdictOf } from '../causes/example.ts';
import { exchange, fromOutside, judged, many } from '../example.ts';

interface Plan {
  readonly batches?: number;
  readonly size?: number;
  /** Between two batches, in milliseconds. */
  readonly pauseMs?: number;
  readonly slowMs?: number;
}

/** Batches that each have one slow answer, of which the next begins when all of one are read. */
function batches(
  { batches: count = 5, size = 5, pauseMs = 0, slowMs = 1_000 }: Plan = {},
  given: Partial<Exchange> = {},
): Exchange[] {
  return many(count, (batch) =>
    many(size, (index) => {
      const from = batch * (slowMs + pauseMs);
      return exchange({ wanted: from + index / 1e3, read: from + (index === 0 ? slowMs : 100) }, given);
    }),
  ).flat();
}

/** The paths that each batch asks for, by the number of the batch and of the request in it. */
function asked(pathOf: (batch: number, index: number) => string) {
  const exchange = batches().map((one, at) => ({
    ...one,
    url: `https://example.com/${pathOf(Math.floor(at / 5), at % 5)}`,
  }));
  return judged(exchange, { evidence: { ...noEvidence(), exchange } });
}

describe('batches', () => {
  it('are wanted together: requests that begin by the clock and overlap now and then are none', () => {
    const paced = batches().map((one, at) => {
      const laterUs = 400_000 * (at % 5 === 1 ? 1 : 0) + 700_000 * (at % 5 > 1 ? 1 : 0);
      const shifted = (time: number | null | undefined) => (time ?? 0) + laterUs;
      return {
        ...one,
        wantedUs: shifted(one.wantedUs),
        dispatchedUs: shifted(one.dispatchedUs),
        connectedUs: shifted(one.connectedUs),
        sentUs: shifted(one.sentUs),
        answeredUs: shifted(one.answeredUs),
        readUs: shifted(one.readUs),
      };
    });
    assert.deepEqual([judged(batches()).step, judged(paced).step], ['wanted', 'none']);
  });

  it('over several origins are no stages of one work, since each mixes them', () => {
    const exchange = batches().map((one, at) => ({
      ...one,
      origin: `https://${at % 25}.example.com`,
      url: `https://${at % 25}.example.com/items/${at}`,
    }));
    assert.equal(judged(exchange, { evidence: { ...noEvidence(), exchange } }).step, 'wanted');
  });

  it('ask for the same kind of URL: with other kinds in each round they are stages of one work', () => {
    const stages = ['lists', 'details', 'pictures', 'prices', 'reviews'];
    assert.equal(asked((batch, index) => `items/${5 * batch + index}`).overlap, 'partly');
    assert.equal(asked((_, index) => `users/7/part${index}?of=x`).overlap, 'partly');
    assert.equal(asked((batch, index) => `${stages[batch]}/${index}`).overlap, 'concurrent');
    assert.equal(asked((batch, index) => `api?${stages[batch]}=${index}`).overlap, 'concurrent');
  });

  it('are told where a busy machine keeps the requests of each waiting a little before they are sent', () => {
    const late = batches().map((one) => {
      const sentUs = one.wantedUs! + 90_000;
      return { ...one, dispatchedUs: sentUs, connectedUs: sentUs, sentUs };
    });
    const verdict = judged(late);
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'wanted']);
    assert.match(verdict.verdict, /in batches of 5/);
  });

  it('are told where each URL is a name of its own', () => {
    const name = (batch: number, index: number) => String.fromCharCode(97 + 5 * batch + index).repeat(5);
    assert.equal(asked((batch, index) => `pokemon/${name(batch, index)}`).overlap, 'partly');
  });

  it('of 5 with one of 1.0 s each: partly, wanted, 5.0 s, 1.9 s without the barrier, 1.0 s all at once', () => {
    const verdict = judged(batches());
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'wanted']);
    assert.deepEqual([verdict.wallMs, Math.round(verdict.possibleWallMs! / 10)], [5_000, 190]);
    assert.equal(
      verdict.verdict,
      'partly: 25 requests in batches of 5, each batch wanted after the last of the one before was read; took 5.0 s, 1.9 s possible (2.6x) with as many at once all the time',
    );
    const [cause] = verdict.causes;
    assert.deepEqual([cause!.id, cause!.confidence], ['batch-barrier', 'likely']);
    assert.match(cause!.because.join(' '), /All at once, it could take 1\.0 s\./);
  });

  it('are certain where no URL came out of an earlier answer', () => {
    assert.equal(judged(batches({ batches: 3 }, { from: [] })).causes[0]!.confidence, 'certain');
  });

  it('are seen from outside', () => {
    const verdict = judged(batches().map(fromOutside));
    assert.deepEqual([verdict.overlap, verdict.causes[0]?.id], ['partly', 'batch-barrier']);
  });

  it('may have fewer requests in the last one, and a retry in another', () => {
    const last = many(2, () => exchange({ wanted: 5_000, read: 5_100 }));
    const retry = exchange({ wanted: 100, read: 200 }, { because: 'retry' });
    assert.equal(judged([...batches(), ...last, retry]).causes[0]?.id, 'batch-barrier');
  });

  for (const [what, exchanges] of [
    ['take the same time each', batches({ slowMs: 120 })],
    ['have a pause between them', batches({ pauseMs: 500 })],
    ['depend on the answers before', batches({}, { from: [1] })],
    ['are three, and may be the steps of some work', batches({ batches: 3 })],
    [
      'grow, as the levels of a tree',
      [2, 4, 8, 16].flatMap((size, level) =>
        batches({ batches: 1, size }).map((one) => ({
          ...one,
          ...exchange({ wanted: 1_000 * level, read: 1_000 * level + (one.readUs ?? 0) / 1e3 }),
        })),
      ),
    ],
  ] as const)
    it(`are not blamed where they ${what}`, () => {
      const verdict = judged(exchanges);
      assert.deepEqual([verdict.overlap, verdict.causes], ['concurrent', []]);
    });

  it('are not blamed where a library begins each of them, as connections are made to the program', () => {
    const made = (line: string): ReturnType<typeof verdictOf> =>
      verdictOf(
        stack(1, line),
        many(5, (batch) => ({
          kind: 'unit' as const,
          id: 1 + batch,
          pid: 7,
          type: 'task' as const,
          madeUs: 0,
          madeAt: 1,
        })),
        batches().map((one, index) => ({ ...one, id: 1 + index, pid: 7, unit: 1 + Math.floor(index / 5) })),
      );
    assert.deepEqual(made('/usr/lib/python3.12/asyncio/streams.py:258 connection_made').causes, []);
    assert.equal(made('/app/report.py:14 main').causes[0]?.id, 'batch-barrier');
  });
});
