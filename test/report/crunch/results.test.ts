import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RESULT_COLUMNS } from '../../../src/report/crunch/results.ts';
import { inline, request } from '../run/reports.ts';
import { addLines, line, opened, query, select } from './open.ts';

test('results stand in the order of rows and pages, with the names and types of SQL', async (t) => {
  const run = await opened(t, { rows: inline([{ host: 'even', size: 0 }]) });
  const lines = [line(3), line(1, { page: 2 }), line(0), line(1), line(2)];
  assert.deepEqual(await addLines(run, request('health'), lines), { results: 5, notGood: [], example: null });
  const order = await select(run.tables, 'select index, page from health');
  assert.deepEqual(
    order.map(({ index, page }) => [index, page]),
    [
      [0, 1],
      [1, 1],
      [1, 2],
      [2, 1],
      [3, 1],
    ],
  );
  assert.deepEqual(await select(run.tables, 'select * from health where index = 3'), [
    {
      index: 3,
      page: 1,
      input: 'http://127.0.0.1/3',
      url: 'http://127.0.0.1/3',
      final_url: 'http://127.0.0.1/3',
      status: 200,
      error: null,
      attempts: 1,
      started_at: '2026-11-22T06:00:00.123Z',
      wait_ms: 0.5,
      connect_ms: 0,
      ttfb_ms: 1.25,
      total_ms: 3.5,
      bytes: 7,
      headers: { 'content-type': 'application/json' },
      body: { n: 3 },
      body_text: '{"n":3}',
      body_encoding: 'utf8',
      row: { host: 'odd', size: 3 },
      host: 'odd',
      size: 3,
    },
  ]);
  const [types] = await select(
    run.tables,
    'select typeof(started_at) as at, typeof(body) as body, typeof("row") as "row", typeof(error) as error from health',
  );
  assert.deepEqual(types, {
    at: 'TIMESTAMP WITH TIME ZONE',
    body: 'JSON',
    row: 'STRUCT(host VARCHAR, size BIGINT)',
    error: 'STRUCT(code VARCHAR, "text" VARCHAR)',
  });
});

test('the columns that rows may not have are those that a table of results has', async (t) => {
  const run = await opened(t);
  await addLines(run, request('health'), [line(0, { data: null })]);
  const [row] = await select(run.tables, 'from health');
  assert.deepEqual(new Set(Object.keys(row!)), RESULT_COLUMNS);
});

test('a body that is no JSON is a row: with its error where the server said JSON, without where it did not', async (t) => {
  const run = await opened(t);
  const html = { headers: { 'content-type': 'text/html' }, body: '<p>' };
  const judged = await addLines(run, request('health'), [
    line(0, { body: '{"broken' }),
    line(1, html),
    line(2, { headers: { 'content-type': 'application/problem+json; charset=utf-8' }, body: 'oops' }),
    line(3, { body: '/v8=', bodyEncoding: 'base64', headers: null }),
    line(4, { body: '', status: 204 }),
    line(5, {
      body: null,
      bodyEncoding: null,
      headers: null,
      status: null,
      error: { code: 'timeout', text: 't' },
    }),
    line(6, { body: '{"nul":"\\u0000"}' }),
    line(7, { body: '{"broken', status: 500, error: { code: 'status', text: '500' } }),
  ]);
  assert.deepEqual(judged.notGood, [0, 2]);
  assert.equal(judged.example?.url, 'http://127.0.0.1/0');
  const rows = await select(run.tables, 'select error.code as code, body, body_text from health');
  assert.deepEqual(
    rows.map(({ code, body, body_text: text }) => [code, body, text]),
    [
      ['not-json', null, '{"broken'],
      [null, null, '<p>'],
      ['not-json', null, 'oops'],
      [null, null, '/v8='],
      [null, null, ''],
      ['timeout', null, null],
      [null, { nul: '\u0000' }, '{"nul":"\\u0000"}'],
      ['status', null, '{"broken'],
    ],
  );
});

test('a result of which good.sql is not true failed, unless it had failed before', async (t) => {
  const run = await opened(t);
  const judging = request('health', {
    good: { status: [[200, 299]], contentType: null, sql: query('good', "size < 3 and (body->>'n') <> '1'") },
  });
  const lines = [0, 1, 2, 3].map((index) => line(index));
  const judged = await addLines(run, judging, [
    ...lines,
    line(4, { error: { code: 'status', text: '500' } }),
  ]);
  assert.deepEqual(judged.notGood, [1, 3]);
  assert.match(judged.example!.text, /it is not true that size < 3/);
  const rows = await select(run.tables, 'select error.code as code from health');
  assert.deepEqual(
    rows.map(({ code }) => code),
    [null, 'not-good', null, 'not-good', 'status'],
  );
  const wrong = request('other', {
    good: { status: [[200, 299]], contentType: null, sql: query('good', 'sice < 3') },
  });
  await assert.rejects(
    addLines(run, wrong, lines),
    /report\.yaml:10:5: there is no column 'sice'; did you mean 'size'\?/,
  );
});

test('no result at all makes an empty table with the columns of the rows', async (t) => {
  const run = await opened(t, { rows: inline([{ host: 'a', list: [1], inner: { x: 'y' } }]) });
  await run.tables.addResults(request('health'), []);
  assert.deepEqual(await select(run.tables, `select host, list[1], "inner".x, body->>'$.n' from health`), []);
});

test('columns of rows from SQL have the types that SQL gave them', async (t) => {
  const run = await opened(t, {
    rows: {
      place: { line: 1, column: 1 },
      sql: "select date '2026-01-02' as day, 1.5::decimal(5,2) as price",
      files: {},
    },
  });
  await addLines(run, request('health'), [line(0, { data: { day: '2026-01-02', price: 1.5 } })]);
  const [row] = await select(
    run.tables,
    'select typeof(day) as day, typeof(price) as price, day + 1 as next from health',
  );
  assert.deepEqual(row, { day: 'DATE', price: 'DECIMAL(5,2)', next: '2026-01-03' });
});

test('lines longer than DuckDB expects are read', async (t) => {
  const run = await opened(t);
  const long = JSON.stringify({ text: 'x'.repeat(6 * 1024 * 1024) });
  await addLines(run, request('health'), [line(0), line(1, { body: long, bytes: long.length })]);
  const [row] = await select(run.tables, 'select max(length(body_text)) as most from health');
  assert.equal(row!.most, long.length);
});

test('whatever rows hold comes back from the table as it was', async (t) => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
  );
  const rows = fc.array(
    fc.record(
      { a: value, 'b c': fc.string({ unit: 'grapheme' }), d: fc.array(fc.nat()) },
      { noNullPrototype: true },
    ),
    {
      minLength: 1,
    },
  );
  const run = await opened(t);
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(rows, async (data) => {
      const name = `t${tables++}`;
      await addLines(
        run,
        request(name),
        data.map((row, index) => line(index, { data: row })),
      );
      const read = await select(run.tables, `select "row" from ${name}`);
      assert.deepEqual(
        read.map(({ row }) => row),
        data,
      );
    }),
    { numRuns: 25 },
  );
});
