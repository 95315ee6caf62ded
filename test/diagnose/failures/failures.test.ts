import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { exchange, judged, many, us } from '../example.ts';

/** One that ended without an answer. */
function failing(from: number, until: number, error: string, given: Partial<Exchange> = {}): Exchange {
  const { answeredUs: _, readUs: __, ...rest } = exchange({ wanted: from, read: until });
  return { ...rest, answeredUs: null, readUs: null, failedUs: us(until), error, status: null, ...given };
}

const countsOf = ({ failed, cancelled, underWay }: ReturnType<typeof judged>) => ({
  failed,
  cancelled,
  underWay,
});

describe('failures', () => {
  it('are said before all else where a tenth of the requests failed, with the reason and one URL', () => {
    const verdict = judged([
      ...many(2, () => exchange({ wanted: 0, read: 200 })),
      ...many(18, (index) => failing(0, 2_000, 'ReadTimeout', { url: `https://example.com/${index}` })),
    ]);
    assert.deepEqual([verdict.overlap, verdict.step], ['concurrent', 'answered']);
    assert.match(
      verdict.verdict,
      /^18 of 20 failed: timed out waiting for the answer \(https:\/\/example\.com\/0\); concurrent: 20 wanted at once/,
    );
  });

  it('are a fact where few failed', () => {
    const verdict = judged([
      ...many(20, () => exchange({ wanted: 0, read: 200 })),
      failing(0, 50, 'ECONNRESET'),
    ]);
    assert.match(verdict.verdict, /^concurrent/);
    assert.match(verdict.facts[0]!, /^1 of 21 failed: the connection was closed by the other side/);
  });

  it('of several kinds are told apart, the most common one first', () => {
    const verdict = judged([
      ...many(5, () => failing(0, 50, 'ConnectionRefusedError', { sentUs: null })),
      ...many(3, () => failing(0, 50, 'EADDRNOTAVAIL', { sentUs: null })),
      ...many(10, () => exchange({ wanted: 0, read: 200 })),
    ]);
    assert.match(verdict.verdict, /^8 of 18 failed: 5 the connection was refused/);
    assert.match(verdict.facts.join(' '), /Of those that failed, 3: no local port was free\./);
  });

  it('show no secret of a URL', () => {
    const url = 'https://example.com/a?access_token=hunter2hunter2';
    const verdict = judged(many(5, () => failing(0, 50, 'ECONNRESET', { url })));
    assert.doesNotMatch(JSON.stringify(verdict), /hunter2/);
  });

  it('are in flight for their own life only, also where nobody saw when they failed', () => {
    const { failedUs: _, ...unseen } = failing(0, 50, 'ECONNRESET');
    const inSeries = many(10, (index) => exchange({ wanted: index * 100, read: (index + 1) * 100 }));
    assert.equal(judged([...many(5, () => unseen), ...inSeries]).inFlight.max, 1);
  });
});

describe('what a program closed before any answer', () => {
  it('has failed, though its record says that it was read', () => {
    const closed = (until: number) =>
      exchange({ wanted: 0, read: until }, { answeredUs: null, status: null });
    const verdict = judged([exchange({ wanted: 0, read: 200 }), ...many(9, () => closed(2_000))]);
    assert.match(verdict.verdict, /^9 of 10 failed: given up waiting for the answer/);
  });
});

describe('what is no failure', () => {
  it('a status that was read, and the body closed', () => {
    const given = { status: 200, error: 'closed before the body was read' };
    const verdict = judged(many(6, () => exchange({ wanted: 0, read: 100 }, given)));
    assert.deepEqual(countsOf(verdict), { failed: 0, cancelled: 0, underWay: 0 });
    assert.match(verdict.verdict, /^concurrent/);
  });

  it('the slower of two mirrors, given up when the other had answered', () => {
    const verdict = judged(
      many(8, (index) => [
        exchange({ wanted: 0, read: 300 + index * 50 }),
        failing(0, 301 + index * 50, index % 2 === 0 ? 'AbortError' : 'closed'),
      ]).flat(),
    );
    assert.deepEqual(countsOf(verdict), { failed: 0, cancelled: 8, underWay: 0 });
    assert.equal(verdict.step, 'none');
    assert.match(verdict.facts.join(' '), /8 of 16 were given up when another one had its answer/);
  });

  it('those in the air when a load generator ends, closed by it or never seen to end', () => {
    const answered = many(200, (index) => exchange({ wanted: index * 5, read: index * 5 + 100 }));
    const { failedUs: _, error: __, ...open } = failing(1_060, 1_130, 'closed');
    const { error: ___, ...cut } = failing(1_060, 1_130, 'closed');
    const last = [
      ...many(5, (index) => failing(1_020 + index, 1_150, 'closed')),
      ...many(5, () => cut),
      ...many(5, () => open),
    ];
    const verdict = judged([...answered, ...last], { endedUs: us(1_150) });
    assert.deepEqual(countsOf(verdict), { failed: 0, cancelled: 0, underWay: 15 });
  });

  it('but what waits longer than any answer took has timed out, whatever ends it', () => {
    const verdict = judged([
      exchange({ wanted: 0, read: 200 }),
      exchange({ wanted: 0, read: 1_990 }, { origin: 'https://other.example', sentUs: us(1_900) }),
      ...many(6, () => failing(0, 2_000, 'CancelledError')),
      ...many(6, () => failing(0, 2_000, 'closed')),
    ]);
    assert.deepEqual(countsOf(verdict), { failed: 12, cancelled: 0, underWay: 0 });
    assert.match(verdict.verdict, /^12 of 14 failed: given up waiting for the answer/);
  });
});
