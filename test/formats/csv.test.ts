import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { exchangesIn, exportedText, exportOf, steps, TRACES, traceOf } from './exported.ts';

type Row = Readonly<Record<string, string>>;

async function rowsOf(trace: string): Promise<readonly Row[]> {
  return parse(await exportedText(trace, '.csv'), { columns: true });
}

describe('a trace as CSV', () => {
  for (const trace of TRACES) {
    it(`of ${basename(trace)} has a line for each exchange, with its times`, async () => {
      const rows = await rowsOf(trace);
      const exchanges = await exchangesIn(trace);
      assert.deepEqual(rows.map(({ id }) => Number(id)).sort(), exchanges.map(({ id }) => id).sort());
      for (const row of rows) {
        const { sentUs, readUs, url } = exchanges.find(({ id }) => id === Number(row.id))!;
        assert.equal(row.sent_ms, sentUs == null ? '' : String(sentUs / 1_000));
        assert.equal(row.read_ms, readUs == null ? '' : String(readUs / 1_000));
        assert.equal(row.url, url ?? '');
      }
    });
  }

  it('names the line of code, the time of day and how long it took in all and in flight', async () => {
    const stack = {
      kind: 'stack',
      id: 5,
      frames: [{ file: '/app/slow.py', line: 10, function: 'get' }],
    } as const;
    const [row] = await rowsOf(traceOf([stack, steps([1, 2, 3, 4, 5, 9], { stack: 5 })]));
    assert.deepEqual(
      [row!.at, row!.started, row!.duration_ms, row!.in_flight_ms],
      ['/app/slow.py:10', '2026-09-21T14:13:20.001Z', '8', '5'],
    );
  });

  it('has no time below 0 for an exchange that was wanted after the last thing that was recorded', async () => {
    const open = { kind: 'exchange', id: 1, origin: 'https://example.com', wantedUs: 5_000 } as const;
    const [row] = await rowsOf(traceOf([open], { end: { endedUs: 1_000 } }));
    assert.equal(row!.duration_ms, '0');
  });

  it('has no cell that a spreadsheet would run, and quotes what has a comma', async () => {
    const given = {
      url: 'https://example.com/?a=1,2',
      error: '=HYPERLINK("x")',
      readUs: null,
      failedUs: 5_000,
    };
    const [row] = await rowsOf(traceOf([steps([0, 0, 0, 0, 1, 2], given)]));
    assert.equal(row!.url, 'https://example.com/?a=1,2');
    assert.equal(row!.error, `'=HYPERLINK("x")`);
  });

  it('leaves out origins that do not count', async () => {
    const trace = traceOf([
      steps([0, 0, 0, 0, 1, 2]),
      steps([0, 0, 0, 0, 1, 2], { id: 2, origin: 'https://other.example' }),
    ]);
    const file = await exportOf(trace, '.csv', (origin) => origin === 'https://other.example');
    assert.equal(parse(readFileSync(file, 'utf8'), { columns: true }).length, 1);
  });
});
