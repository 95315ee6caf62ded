import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { dump } from '../../../src/report/dump/index.ts';
import type { Dump, Report } from '../../../src/report/report.ts';
import { all, opened, query, STARTED, sqlRows } from '../crunch/open.ts';

const place = { line: 20, column: 5 };

const MIXED =
  "select * from (values (1, 'a,\"b\"', 1.5, true, {'x': [1, null]}, date '2026-01-02', 'nan'::double), " +
  '(2, null, -0.25, null, null, null, 2)) as t(n, text, real, flag, nested, day, odd)';

function to(
  kind: 'csv' | 'jsonl' | 'parquet' | 'markdown' | 'prometheus',
  path: string,
  table = 'mixed',
): Dump {
  return { table, place, to: { kind, path } };
}

async function dumped(t: TestContext, dumps: readonly Dump[], sql = MIXED, over: Partial<Report> = {}) {
  const run = await opened(t, { dumps, ...over });
  await run.tables.query(query('mixed', sql));
  const write = (of: Dump) => dump(of, run.tables, { report: run.report, startedAt: STARTED });
  return { ...run, write, read: (path: string) => readFileSync(join(run.folder, path), 'utf8') };
}

test('CSV, JSON Lines and Parquet hold the table in its order', async (t) => {
  const parquet: Dump = to('parquet', 'out/deep/mixed.parquet');
  const dumps = [to('csv', 'mixed.csv'), to('jsonl', 'mixed.jsonl'), parquet];
  const { folder, tables, write, read } = await dumped(t, dumps, MIXED, {
    rows: { place, file: '/none', format: 'parquet' },
  });
  for (const of of dumps) assert.equal((await write(of)).rows, 2);
  const [first, second] = parse(read('mixed.csv'), { columns: true }) as Record<string, string>[];
  assert.deepEqual(
    { ...first },
    {
      n: '1',
      text: 'a,"b"',
      real: '1.50',
      flag: 'true',
      nested: '{"x":[1,null]}',
      day: '2026-01-02',
      odd: 'nan',
    },
  );
  assert.equal(second!.text, '');
  const lines = read('mixed.jsonl').trim().split('\n');
  assert.deepEqual(
    lines.map((text) => JSON.parse(text)),
    [
      { n: 1, text: 'a,"b"', real: 1.5, flag: true, nested: { x: [1, null] }, day: '2026-01-02', odd: null },
      { n: 2, text: null, real: -0.25, flag: null, nested: null, day: null, odd: 2 },
    ],
  );
  assert.equal(read('out/deep/mixed.parquet').slice(0, 4), 'PAR1');
  assert.deepEqual(readdirSync(join(folder, 'out/deep')), ['mixed.parquet']);
  assert.equal((await all(tables.rows(sqlRows('from mixed')))).length, 2);
});

test('names hold the name, date and time of the run, in the timezone of the report', async (t) => {
  const named = to('csv', 'out/{{name}}-{{date}}-{{time}}.csv');
  const { folder, write } = await dumped(t, [named], MIXED, { timezone: 'Europe/Berlin' });
  const { to: path } = await write(named);
  assert.equal(path, join(folder, 'out/health-2026-11-23-00-30-05.csv'));
  assert.ok(existsSync(path));
  const odd = to('csv', 'out/{{constructor}}.csv');
  assert.equal((await (await dumped(t, [odd])).write(odd)).to.split('/').at(-1), '{{constructor}}.csv');
});

test('a dump does not leave the folder of the report, nor does SQL write what no dump names', async (t) => {
  const leaving = to('csv', '../outside.csv');
  const { write, folder } = await dumped(t, []);
  await assert.rejects(write(leaving), /report\.yaml:20:5: \.\.\/outside\.csv leaves /);
  assert.equal(existsSync(join(folder, '../outside.csv')), false);
  await assert.rejects(write(to('csv', 'unnamed.csv')), /:20:5: 'mixed' was not written to .*unnamed\.csv: /);
  assert.equal(existsSync(join(folder, 'unnamed.csv')), false);
});

test('a dump that fails leaves what was there, and nothing beside it', async (t) => {
  const failing = to('prometheus', 'out/mixed.prom');
  const { folder, write } = await dumped(t, [failing], "select 1 as n, 'same' as label from range(3)");
  mkdirSync(join(folder, 'out'));
  await assert.rejects(write(failing), /3 rows of 'mixed' have the same labels \(label="same"\)/);
  assert.deepEqual(readdirSync(join(folder, 'out')), []);
});

test('Markdown stands in its cells, numbers to the right', async (t) => {
  const markdown = to('markdown', 'mixed.md');
  const { write, read } = await dumped(
    t,
    [markdown],
    "select 1.23456 as p99, 'a|b' || chr(10) || '<i>' as \"x|y\"",
  );
  await write(markdown);
  assert.equal(read('mixed.md'), '| p99 | x\\|y |\n| ---: | --- |\n| 1.235 | a\\|b &lt;i> |\n');
});

test('Prometheus gets a gauge of each number and true or false, with labels of the text', async (t) => {
  const prometheus = to('prometheus', 'mixed.prom');
  const { write, read } = await dumped(
    t,
    [prometheus],
    "select * from (values ('a\"\\' || chr(10), 1, 0.5, true), ('b', null, 'inf'::double, false)) as t(host, n, \"p 99\", up)",
  );
  await write(prometheus);
  const text = read('mixed.prom');
  assert.deepEqual(
    text.split('\n').filter((line) => !line.startsWith('# HELP')),
    [
      '# TYPE mixed_n gauge',
      'mixed_n{host="a\\"\\\\\\n"} 1',
      '# TYPE mixed_p_99 gauge',
      'mixed_p_99{host="a\\"\\\\\\n"} 0.5',
      'mixed_p_99{host="b"} +Inf',
      '# TYPE mixed_up gauge',
      'mixed_up{host="a\\"\\\\\\n"} 1',
      'mixed_up{host="b"} 0',
      '',
    ],
  );
});

test('the terminal is shown the first rows, real numbers with their points below each other', async (t) => {
  const { write } = await dumped(t, [], "select range as n, range / 8 as p, 'x' as t from range(100)");
  const shown = await write({ table: 'mixed', place, to: { kind: 'terminal' } });
  assert.equal(shown.rows, 100);
  assert.equal(shown.shown!.rows.length, 40);
  assert.deepEqual(shown.shown!.rows.slice(0, 2), [
    ['0', '0.000', 'x'],
    ['1', '0.125', 'x'],
  ]);
  assert.deepEqual(shown.shown!.columns, [
    { name: 'n', right: true },
    { name: 'p', right: true },
    { name: 't', right: false },
  ]);
});

test('with csvSafe no cell of a CSV file is a formula, and numbers of the table stay numbers', async (t) => {
  const sql =
    "select * from (values ('=1+1', -5, -0.25::double, '-7', {'a': '=2'}, -interval 1 day, null), " +
    "(e'\\t=3', 2, null, '+1', null, null, '@x')) as t(text, n, real, digits, nested, span, \"=cmd\")";
  const safe: Dump = { table: 'mixed', place, to: { kind: 'csv', path: 'safe.csv', csvSafe: true } };
  const { write, read } = await dumped(t, [safe, to('csv', 'plain.csv')], sql);
  await write(safe);
  await write(to('csv', 'plain.csv'));
  assert.deepEqual(parse(read('safe.csv')), [
    ['text', 'n', 'real', 'digits', 'nested', 'span', "'=cmd"],
    ["'=1+1", '-5', '-0.25', '-7', '{"a":"=2"}', "'-1 day", ''],
    ["'\t=3", '2', '', "'+1", '', '', "'@x"],
  ]);
  assert.equal((parse(read('plain.csv')) as string[][])[1]![0], '=1+1');
});
