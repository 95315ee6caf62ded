import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, collect, finish, noEvidence, start, type Verdict } from '../../../src/diagnose/index.ts';
import { settleServed } from '../../../src/diagnose/served/settle.ts';
import type { Exchange, TraceRecord, Unit } from '../../../src/trace/index.ts';
import { environment, request, stack } from '../causes/example.ts';
import { many, us } from '../example.ts';

/** As a trace is judged: what a server takes is told apart from what it makes first. */
function verdictOf(...records: readonly (TraceRecord | readonly TraceRecord[])[]): Verdict {
  const state = start();
  const evidence = noEvidence();
  for (const record of records.flat() as TraceRecord[]) collect(evidence, record);
  settleServed(evidence);
  for (const exchange of evidence.exchange) add(state, exchange);
  return finish(state, { evidence });
}

const node = environment([], { language: 'node', version: '20.1.0' });
const handler = stack(1, '/srv/app.js:12 report', '/srv/app.js:40 handle');

const served = (id: number, fromMs: number, toMs: number, given: Partial<Unit> = {}): Unit => ({
  kind: 'unit',
  id,
  pid: 7,
  type: 'served-request',
  madeUs: us(fromMs),
  begunUs: us(fromMs),
  endedUs: us(toMs),
  method: 'GET',
  route: '/report',
  ...given,
});

/** 40 requests that come 20 ms apart, each of which makes 5 calls of 100 ms, in turn. */
const reports = (given: (call: number) => Partial<Exchange> = () => ({})) =>
  many(40, (index) => [
    served(index + 1, 20 * index, 20 * index + 510),
    ...many(5, (call) =>
      request(
        1000 + 5 * index + call,
        { wanted: 20 * index + 101 * call, read: 20 * index + 101 * call + 100 },
        { unit: index + 1, stack: 1, url: `https://example.com/${index}/${call}`, ...given(call) },
      ),
    ),
  ]).flat();

describe('a server', () => {
  it('whose calls are made one after another in each request is serial, though those of several requests overlap', () => {
    const verdict = verdictOf(node, handler, reports());
    assert.deepEqual([verdict.overlap, verdict.step], ['serial', 'wanted']);
    assert.match(
      verdict.verdict,
      /^serial: GET \/report makes 5 upstream calls one after another in each of 40 requests; 0\.5 s each, 0\.1 s possible \(5\.0x\) if no URL/,
    );
    const [cause] = verdict.causes;
    assert.deepEqual([cause?.id, cause?.confidence], ['await-in-loop', 'likely']);
    assert.deepEqual([cause?.places[0]?.file, cause?.places[0]?.line], ['/srv/app.js', 12]);
    assert.ok(verdict.inFlight.mean > 10);
    assert.deepEqual(verdict.served, [
      { route: 'GET /report', requests: 40, calls: 5, serial: true, wallMs: 504, possibleWallMs: 100 },
    ]);
  });

  it('is blamed for certain where no URL is in an earlier answer', () => {
    const { causes, verdict } = verdictOf(
      node,
      handler,
      reports(() => ({ from: [] })),
    );
    assert.equal(causes[0]?.confidence, 'certain');
    assert.doesNotMatch(verdict, /if no URL/);
  });

  it('is not blamed where the URLs come out of the answers before', () => {
    const { overlap, causes } = verdictOf(
      node,
      handler,
      reports((call) => ({ from: call === 0 ? [] : [1] })),
    );
    assert.deepEqual([overlap, causes], ['concurrent', []]);
  });

  it('whose calls are made at once is not blamed, whether its users come side by side or one at a time', () => {
    for (const everyMs of [20, 400]) {
      const verdict = verdictOf(
        node,
        handler,
        many(10, (index) => [
          served(index + 1, everyMs * index, everyMs * index + 110),
          ...many(5, (call) =>
            request(
              1000 + 5 * index + call,
              { wanted: everyMs * index, read: everyMs * index + 100 + call },
              { unit: index + 1, stack: 1 },
            ),
          ),
        ]).flat(),
      );
      assert.deepEqual([verdict.overlap, verdict.causes], ['concurrent', []], `${everyMs}`);
    }
  });

  it('of which one thing is asked at a time has nothing to overlap', () => {
    const verdict = verdictOf(
      node,
      handler,
      many(10, (index) => [
        served(index + 1, 300 * index, 300 * index + 125),
        request(100 + index, { wanted: 300 * index, read: 300 * index + 120 }, { unit: index + 1, stack: 1 }),
      ]).flat(),
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['unknown', 'none', []]);
    assert.equal(
      verdict.verdict,
      'unknown: GET /report makes 1 upstream call in each of 10 requests, which came one at a time: nothing to overlap',
    );
  });

  it('that makes the calls of its users wait for each other wants them when it takes the request', () => {
    const verdict = verdictOf(
      node,
      handler,
      many(8, (index) => [
        served(index + 1, index, 405 * (index + 1)),
        request(
          100 + index,
          { wanted: 402 * index + 5, read: 402 * index + 400 },
          { unit: index + 1, stack: 1 },
        ),
      ]).flat(),
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.wanted], ['serial', 'dispatched', 8]);
    assert.notEqual(verdict.causes[0]?.id, 'await-in-loop');
  });

  it('that takes the next request as soon as the one before is answered may be one worker', () => {
    const verdict = verdictOf(
      environment([]),
      handler,
      many(8, (index) => [
        served(index + 1, 405 * index, 405 * index + 403),
        request(
          100 + index,
          { wanted: 405 * index + 1, read: 405 * index + 401 },
          { unit: index + 1, stack: 1 },
        ),
      ]).flat(),
    );
    assert.deepEqual(
      verdict.causes.map(({ id, confidence }) => [id, confidence]),
      [['one-worker', 'possible']],
    );
  });

  it('is judged by what it makes, not by what a load generator of the same run sends to it', () => {
    const load = many(40, (index) =>
      request(
        5000 + index,
        { wanted: 20 * index - 2, read: 20 * index + 512 },
        { pid: 9, thread: 9, origin: 'http://127.0.0.1:8000', unit: 900 + index },
      ),
    );
    const verdict = verdictOf(node, handler, reports(), load);
    assert.equal(verdict.exchanges, 200);
    assert.match(verdict.verdict, /GET \/report makes 5 upstream calls one after another/);
    assert.match(verdict.facts.join(' '), /40 requests that another program of this run sent to this server/);
  });

  it('is told from its load generator though it has work left when that has its answer', () => {
    const load = many(40, (index) =>
      request(
        5000 + index,
        { wanted: 20 * index - 2, read: 20 * index + 480 },
        { pid: 9, thread: 9, origin: 'http://127.0.0.1:8000', unit: 900 + index },
      ),
    );
    assert.equal(verdictOf(node, handler, reports(), load).exchanges, 200);
  });

  it('has one route for paths that differ in what they name', () => {
    const named = reports().map((record) =>
      record.kind === 'unit' ? { ...record, route: `/v1/users/${record.id}/report` } : record,
    );
    assert.deepEqual(
      verdictOf(node, handler, named).served.map(({ route }) => route),
      ['GET /v1/users/*/report'],
    );
  });

  it('is judged as any program where most of its requests are for nobody', () => {
    const own = many(300, (index) =>
      request(5000 + index, { wanted: 100 * index, read: 100 * index + 90 }, { unit: 900 + index }),
    );
    assert.deepEqual(verdictOf(node, handler, reports(), own).served, []);
  });
});
