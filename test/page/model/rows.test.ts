import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { NO_FILTER, OUTCOMES, orderOf, outcomeOf } from '../../../src/page/model/order.ts';
import { ROW_MODES, rowsOf } from '../../../src/page/model/rows.ts';
import { segmentsOf } from '../../../src/page/model/segments.ts';
import { timeColumns } from '../../../src/page/model/times.ts';
import { type Exchange, noEvidenceWith, recorded } from './sources.ts';

async function laid(name: string) {
  const source = await recorded(name);
  const times = timeColumns(source.exchange, source.endedUs);
  const segments = segmentsOf(source, times);
  return { source, times, segments, order: orderOf(source, times, segments, NO_FILTER, 'start') };
}

describe('rows', () => {
  it('have each exchange once, and none over another one, however they are made', async () => {
    for (const name of [
      'node-server-in-turn.slow',
      'py27-grequests-pyopenssl.slow',
      'py-process-pool.control',
    ]) {
      const { source, times, order } = await laid(join('cases', `${name}.jsonl.zst`));
      for (const mode of ROW_MODES) {
        const rows = rowsOf(mode, order, source, times);
        assert.deepEqual(
          [...rows.items].toSorted((a, b) => a - b),
          [...order].toSorted((a, b) => a - b),
        );
        for (let row = 0; row < rows.count; row++) {
          let until = -Infinity;
          for (const at of rows.items.slice(rows.offsets[row], rows.offsets[row + 1])) {
            assert.ok(rows.beginUs[at]! >= until, `${name} by ${mode}: row ${row}`);
            until = times.end[at]!;
            assert.equal(rows.rowOf[at], row);
          }
        }
      }
    }
  });

  it('of connections have the exchanges of each connection one after the other', async () => {
    const { source, times, order } = await laid('get-two-of-eight.jsonl');
    const rows = rowsOf('connection', order, source, times);
    assert.equal(rows.count, 2);
    assert.match(rows.titles[0]!, /^connection \d+ http\/1\.1 https:/);
  });

  it('of served requests name the route that is served', async () => {
    const { source, times, order } = await laid(join('cases', 'node-server-in-turn.slow.jsonl.zst'));
    const { titles } = rowsOf('served request', order, source, times);
    assert.ok(
      titles.some((title) => /^GET \/\S+ \(\d+\)$/.test(title)),
      titles.join(),
    );
  });

  it('of a process name its command', async () => {
    const { source, times, order } = await laid(join('cases', 'py27-grequests-pyopenssl.slow.jsonl.zst'));
    assert.match(rowsOf('process', order, source, times).titles[0]!, /^process \d+ .*python/);
  });
});

function answered(id: number, fields: Partial<Exchange>): Exchange {
  const [wantedUs, sentUs, readUs] = [id * 10, id * 10, id * 10 + 100];
  return { kind: 'exchange', id, origin: 'http://a.test', wantedUs, sentUs, readUs, status: 200, ...fields };
}

describe('the order', () => {
  const exchanges = [
    answered(0, { url: 'http://a.test/list?page=1', readUs: 1_000 }),
    answered(1, { url: 'http://a.test/Item', sentUs: 90, readUs: 500 }),
    answered(2, { origin: 'http://b.test', url: 'http://b.test/list', status: 503 }),
    answered(3, { status: null, error: 'timeout-answer', readUs: null, failedUs: 200 }),
    {
      kind: 'exchange',
      id: 4,
      origin: 'http://a.test',
      wantedUs: 40,
      sentUs: null,
      readUs: null,
    } as Exchange,
  ];
  const source = noEvidenceWith(exchanges);
  const times = timeColumns(exchanges, 2_000);
  const segments = segmentsOf(source, times);
  const shown = (
    filter: Partial<typeof NO_FILTER>,
    key: 'start' | 'wait' | 'duration' | 'origin' = 'start',
  ) => [...orderOf(source, times, segments, { ...NO_FILTER, ...filter }, key)];

  it('is that of their beginning, or the longest first', () => {
    assert.deepEqual(shown({}), [0, 1, 2, 3, 4]);
    assert.deepEqual(shown({}, 'duration'), [4, 0, 1, 3, 2]);
    assert.deepEqual(shown({}, 'wait'), [4, 1, 0, 2, 3]);
    assert.deepEqual(shown({}, 'origin'), [0, 1, 3, 4, 2]);
  });

  it('has those alone that a filter lets through', () => {
    assert.deepEqual(shown({ text: 'LIST' }), [0, 2]);
    assert.deepEqual(shown({ text: 'timeout' }), [3]);
    assert.deepEqual(shown({ outcome: '5xx' }), [2]);
    assert.deepEqual(shown({ outcome: 'failed' }), [3]);
    assert.deepEqual(shown({ outcome: 'unfinished' }), [4]);
    assert.deepEqual(shown({ origin: 'http://b.test' }), [2]);
    assert.deepEqual(shown({ longest: 'answer' }), [0, 1, 2, 3]);
    assert.deepEqual(shown({ outcome: '2xx', text: 'item' }), [1]);
  });

  it('has the exchanges of a phase', () => {
    const phase = { at: null, origin: 'http://a.test', fromMs: 0.025, toMs: 1 } as never;
    assert.deepEqual(shown({ phase }), [0, 1, 3, 4]);
    assert.deepEqual(shown({ phase: { at: null, origin: null, fromMs: 2, toMs: 3 } as never }), []);
  });

  it('knows an outcome of each exchange', () => {
    for (const [at, one] of exchanges.entries())
      assert.ok(OUTCOMES.includes(outcomeOf(one, times.isOpen[at] === 1)));
  });
});
