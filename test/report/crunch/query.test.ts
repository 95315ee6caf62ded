import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSql } from '../../../src/report/check-sql.ts';
import type { Report } from '../../../src/report/report.ts';
import { inline, report, request } from '../run/reports.ts';
import { addLines, line, opened, query, select, sqlRows } from './open.ts';

test('later queries see the tables of earlier ones', async (t) => {
  const run = await opened(t);
  await addLines(run, request('health'), [line(0), line(1), line(2)]);
  await run.tables.query(
    query('hosts', 'select host, count(*) as n from health group by host order by host -- all'),
  );
  await run.tables.query(query('most', 'from hosts order by n desc limit 1;'));
  await run.tables.query(query('wide', 'pivot health on host using count(*)'));
  assert.deepEqual(await select(run.tables, 'from most'), [{ host: 'even', n: 2 }]);
  assert.deepEqual(await select(run.tables, 'select even, odd from wide where index = 0'), [
    { even: 1, odd: 0 },
  ]);
});

test('what is wrong with SQL is told at its line and column in the file, with the nearest name', async (t) => {
  const run = await opened(t);
  await addLines(run, request('health'), [line(0)]);
  const cases: readonly (readonly [string, string])[] = [
    ["select 'äöü',\n  hots from health", "11:7: there is no column 'hots'; did you mean 'host'?"],
    ['select h.hots from health h', "10:12: there is no column 'hots'; did you mean 'host'?"],
    ['select *\nfrom helth', "11:10: there is no table 'helth'; did you mean 'health'?"],
    ['select summ(size) from health', "10:12: there is no function 'summ'; did you mean 'sum'?"],
    ['select a frm b c', '10:18: syntax error at or near "b"'],
    ['select\n  body_text::int from health', '11:'],
    ["select * from health where status = 200 and body->'$.a' = 1", '10:5: -> and ->> bind less than'],
    ["select * from health where host = body->>'$.a'", '10:32: -> and ->> bind less than'],
    ['select host::int from health', '10:16: Could not convert string'],
    [
      'select unnest(body) from health',
      '10:12: UNNEST() can only be applied to lists, structs and NULL, not JSON; JSON is made one by from_json',
    ],
    ['', '10:5: '],
    ['insert into health select * from health', '10:5: syntax error at or near "insert"'],
  ];
  for (const [at, [sql, expected]] of cases.entries())
    await assert.rejects(run.tables.query(query(`q${at}`, sql)), (error: Error) => {
      assert.equal(error.name, 'ReportError', error.stack);
      assert.ok(error.message.includes(`report.yaml:${expected}`), `${sql}: ${error.message}`);
      assert.equal(error.message.split('\n').length, 1);
      return true;
    });
});

test('a check says how many rows it returned, and shows the first five', async (t) => {
  const run = await opened(t);
  await addLines(
    run,
    request('health'),
    Array.from({ length: 9 }, (_, index) => line(index)),
  );
  assert.deepEqual(await run.tables.check(query('none', 'select 1 from health where status = 500')), {
    name: 'none',
    good: true,
    rows: 0,
    first: [],
  });
  const failed = await run.tables.check(query('small', 'select size from health where size > 1'));
  assert.deepEqual(failed, {
    name: 'small',
    good: false,
    rows: 7,
    first: [2, 3, 4, 5, 6].map((size) => ({ size })),
  });
});

test('a query of 10 million rows neither fails nor fills memory', async (t) => {
  const { tables } = await opened(t);
  const beforeMB = process.memoryUsage.rss() / 1e6;
  let mostMB = 0;
  const watch = setInterval(() => {
    mostMB = Math.max(mostMB, process.memoryUsage.rss() / 1e6);
  }, 20);
  await tables.query(query('big', 'select range as n from range(10_000_000)'));
  const checked = await tables.check(query('all', 'select * from big'));
  clearInterval(watch);
  assert.equal(checked.rows, 10_000_000);
  assert.ok(mostMB - beforeMB < 400, `${Math.round(mostMB - beforeMB)} MB`);
});

const place = { line: 1, column: 1 };

function written(over: Partial<Report>): Report {
  return report('/nowhere', { rows: inline([{ host: 'a', size: 1 }]), ...over });
}

test('all SQL is held against empty tables before the run; requests over others know their columns', async () => {
  const columns = await checkSql(
    written({
      requests: [
        request('list'),
        request('items', { rows: sqlRows("select unnest(body->'$[*].id') as id, host from list") }),
      ],
      crunch: [query('slow', 'select id, size_of.n from items, (select 1 as n) as size_of')],
      checks: [query('none', 'from slow where n > 1')],
    }),
  );
  assert.deepEqual(
    [...columns],
    [
      ['list', ['host', 'size']],
      ['items', ['id', 'host']],
    ],
  );
});

test('each fault of SQL is told, but not what follows from another', async () => {
  const faulty = written({
    requests: [
      request('list', { good: { status: [], contentType: null, sql: query('good', 'statsu = 200') } }),
    ],
    crunch: [
      query('slow', 'select hots from list'),
      query('later', 'from slow'),
      query('bad', 'from nowhere'),
    ],
    checks: [query('none', 'select size + from slow')],
  });
  await assert.rejects(checkSql(faulty), (error: Error) => {
    const lines = error.message.split('\n');
    assert.equal(lines.length, 3, error.message);
    assert.match(lines[0]!, /there is no column 'statsu'; did you mean 'status'\?$/);
    assert.match(lines[1]!, /there is no table 'nowhere'/);
    assert.match(lines[2]!, /syntax error/);
    return true;
  });
});

test('dumps are held against the columns of their tables before the run', async () => {
  const dumps = [
    { table: 'slow', place, to: { kind: 'duckdb', path: 'x.duckdb', mode: 'upsert', key: ['hots'] } },
    { table: 'texts', place, to: { kind: 'prometheus', path: 'x.prom' } },
    { table: 'nothing', place, to: { kind: 'prometheus', path: 'x.prom' } },
  ] as const;
  const crunch = [
    query('slow', 'select host, size from health'),
    query('texts', 'select host from health'),
    query('nothing', 'select nothing from health'),
  ];
  await assert.rejects(checkSql(written({ crunch, dumps })), (error: Error) => {
    const [missing, key, numbers, ...more] = error.message.split('\n');
    assert.match(missing!, /there is no column 'nothing'/);
    assert.match(key!, /:1:1: 'slow' has no column 'hots', which key names; did you mean 'host'\?$/);
    assert.match(numbers!, /:1:1: 'texts' has no column of numbers/);
    assert.deepEqual(more, []);
    return true;
  });
});

test('secret columns are not there for SQL', async () => {
  const secret = written({
    rows: { place, inline: [{ host: 'a', token: 'abc' }] },
    secret: ['token'],
    crunch: [query('leak', 'select token from health')],
  });
  await assert.rejects(checkSql(secret), /'token' is secret: no SQL sees it/);
});

test('SQL that reads no table does not run before the run', async () => {
  const endless = 'select sum(range) as n from range(1_000_000_000_000)';
  const crunch = [
    query('sums', endless),
    query('later', `select health.*, sums.n + 1 as n from health, sums, (${endless}) -- all`),
    query('wide', 'pivot health on status using count(*)'),
    query('ended', `${endless};`),
  ];
  const checks = [query('none', `${endless} where range < 0`), query('neither', 'from ended')];
  await checkSql(written({ crunch, checks }));
  const wrong = query('wrong', `select m from sums, (${endless})`);
  await assert.rejects(
    checkSql(written({ crunch: [...crunch, wrong], checks })),
    /10:12: there is no column 'm'/,
  );
});
