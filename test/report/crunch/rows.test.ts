import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Row, RowsFrom } from '../../../src/report/report.ts';
import { all, opened, query, select, sqlRows } from './open.ts';

const place = { line: 3, column: 9 };

/** The rows of a file with these bytes. */
async function rowsOfFile(
  t: TestContext,
  name: string,
  bytes: string | Buffer,
  over: Partial<RowsFrom> = {},
): Promise<readonly Row[]> {
  const format = name.includes('.csv') ? 'csv' : name.includes('.jsonl') ? 'jsonl' : 'parquet';
  let from: RowsFrom | undefined;
  const { folder, tables } = await opened(t, (folder) => {
    from = { place, file: join(folder, name), format, ...over } as RowsFrom;
    return { rows: from };
  });
  writeFileSync(join(folder, name), bytes);
  return all(tables.rows(from!));
}

test('a column of CSV is a number only where each value is written as that number is', async (t) => {
  const text =
    'zip,version,n,price,up,phone,big\n01234,1.10,1,1.5,true,+49,12345678901234567890\n99999,1.9,-2,2,false,1,1\n';
  assert.deepEqual(await rowsOfFile(t, 'rows.csv', text), [
    { zip: '01234', version: '1.10', n: 1, price: 1.5, up: true, phone: '+49', big: '12345678901234567890' },
    { zip: '99999', version: '1.9', n: -2, price: 2, up: false, phone: '1', big: '1' },
  ]);
});

test('CSV may have a byte order mark, other delimiters, quotes, CRLF, empty cells, and be packed', async (t) => {
  const text = '\ufeffhost;"n m";empty\r\n"a;b\r\n""c""";1;\r\nd;2;x\r\n';
  assert.deepEqual(await rowsOfFile(t, 'rows.csv.gz', gzipSync(text)), [
    { host: 'a;b\r\n"c"', 'n m': 1, empty: null },
    { host: 'd', 'n m': 2, empty: 'x' },
  ]);
});

test('what is wrong with a CSV file is told with its line, at the place in the report', async (t) => {
  const cases: readonly (readonly [string | Buffer, RegExp])[] = [
    ['a,b,c\n1,2,3\n4,5\n', /report\.yaml:3:9: rows\.csv, line 3: 2 columns, where the first line has 3$/],
    ['a,b\n1,"x\n2,y\n', /:3:9: rows\.csv, line 2: a quote that is not closed$/],
    [Buffer.from('a,b\n1,x\n2,\xfc\n', 'latin1'), /:3:9: rows\.csv, line 3: not UTF-8/],
    ['', /:3:9: rows\.csv is empty; its first line names the columns$/],
    ['a,,c\n1,2,3\n', /:3:9: rows\.csv, line 1: column 2 has no name/],
    ['a,b\n1,2\r3,4\r\n', /:3:9: rows\.csv: its lines end with CR here and LF there/],
    ['a,a\n1,2\n', /:3:9: rows\.csv, line 1: the column 'a' is there twice/],
  ];
  for (const [bytes, expected] of cases) await assert.rejects(rowsOfFile(t, 'rows.csv', bytes), expected);
});

test('JSON Lines keep their values as they are, and every row has every column', async (t) => {
  const text = '{"a":1,"when":"2026-01-01","list":[1,{"x":null}]}\n\n{"b":"x","a":12345678901234567890123}\n';
  assert.deepEqual(await rowsOfFile(t, 'rows.jsonl', text), [
    { a: 1, when: '2026-01-01', list: [1, { x: null }], b: null },
    { a: '12345678901234567890123', when: null, list: null, b: 'x' },
  ]);
});

test('a broken line of JSON Lines is told by its number', async (t) => {
  await assert.rejects(
    rowsOfFile(t, 'rows.jsonl', '{"a":1}\n{"a":2\n{"a":3}\n'),
    /:3:9: rows\.jsonl, line 2: /,
  );
});

test('Parquet and SQL give dates, decimals and whole numbers as JSON has them', async (t) => {
  const { folder, tables } = await opened(t, (folder) => ({
    rows: { place, file: join(folder, 'rows.parquet'), format: 'parquet' },
    dumps: [{ table: 'typed', place, to: { kind: 'parquet', path: 'rows.parquet' } }],
  }));
  const typed =
    "select date '2026-01-02' as day, timestamp '2026-01-02 03:04:05.25' as at, " +
    "timestamptz '2026-01-02 03:04:05+00' as instant, 1.50::decimal(9,2) as price, " +
    "9007199254740993 as big, 7 as small, map {'k': 1} as pairs, [1.5] as list, null as nothing";
  const expected = {
    day: '2026-01-02',
    at: '2026-01-02T03:04:05.25',
    instant: '2026-01-02T03:04:05Z',
    price: 1.5,
    big: '9007199254740993',
    small: 7,
    pairs: { k: 1 },
    list: [1.5],
    nothing: null,
  };
  assert.deepEqual(await all(tables.rows(sqlRows(typed))), [expected]);
  const { dump } = await import('../../../src/report/dump/index.ts');
  await tables.query(query('typed', typed));
  const dumped = { table: 'typed', place, to: { kind: 'parquet', path: 'rows.parquet' } } as const;
  const { report } = await import('../run/reports.ts');
  await dump(dumped, tables, { report: report(folder), startedAt: new Date() });
  const rows = await all(tables.rows({ place, file: join(folder, 'rows.parquet'), format: 'parquet' }));
  assert.deepEqual(rows, [expected]);
});

test('SQL sees its files, the rows, and tables of earlier requests; its order is the same every time', async (t) => {
  const { folder, tables } = await opened(t, (folder) => ({
    rows: {
      place,
      sql: 'select team, count(*) as n from services join teams using (team) group by team',
      files: {
        services: { file: join(folder, 'services.csv'), format: 'csv' },
        teams: { file: join(folder, 'teams.jsonl'), format: 'jsonl' },
      },
    },
  }));
  const lines = Array.from({ length: 5000 }, (_, at) => `s${at},t${(at * 7) % 1000}`);
  writeFileSync(join(folder, 'services.csv'), `service,team\n${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'teams.jsonl'),
    Array.from({ length: 1000 }, (_, at) => `{"team":"t${at}"}\n`).join(''),
  );
  const from = {
    place,
    sql: 'select team, count(*) as n from services join teams using (team) group by team',
    files: {
      services: { file: join(folder, 'services.csv'), format: 'csv' },
      teams: { file: join(folder, 'teams.jsonl'), format: 'jsonl' },
    },
  } as const;
  const first = await all(tables.rows(from));
  assert.equal(first.length, 1000);
  assert.deepEqual(await all(tables.rows(from)), first);
  await assert.rejects(select(tables, 'from services'), /does not exist/);
});

test('rows of SQL and of CSV that are more than are sorted at once come in their order, each once', async (t) => {
  const numbers = Array.from({ length: 100_000 }, (_, at) => (at * 77_773) % 100_003);
  const csv = await rowsOfFile(t, 'rows.csv', `n\n${numbers.join('\n')}\n`);
  assert.deepEqual(
    csv.map(({ n }) => n),
    numbers,
  );
  const sql = sqlRows('select (range * 77773) % 100003 as n from range(100000)');
  const { tables } = await opened(t, () => ({ rows: sql }));
  assert.deepEqual(
    (await all(tables.rows(sql))).map(({ n }) => n),
    numbers,
  );
});

test('SQL may read no file that the report does not name', async (t) => {
  const { folder, tables } = await opened(t);
  writeFileSync(join(folder, 'other.csv'), 'a\n1\n');
  const stolen = sqlRows(`select * from read_csv('${join(folder, 'other.csv')}')`);
  await assert.rejects(
    all(tables.rows(stolen)),
    /report\.yaml:2:23: Cannot access file .*: SQL may read only the files that 'rows' and 'files' name$/,
  );
  await assert.rejects(
    tables.query(query('out', "select 1; copy (select 1) to 'x.csv'")),
    /:10:5: 2 statements/,
  );
  await assert.rejects(
    all(tables.rows(sqlRows("select * from 'https://127.0.0.1:9/x.parquet'"))),
    /:2:\d+: /,
  );
});

test('a column that results have is refused with the rename that helps, and rename renames', async (t) => {
  const { tables } = await opened(t);
  const from = { place, inline: [{ url: 'http://x/', Status: 1 }] };
  await assert.rejects(
    all(tables.rows(from)),
    /:3:9: the rows have a column 'url', and so have the results; .* rename: \{ url: row_url \}$/,
  );
  assert.deepEqual(await all(tables.rows({ ...from, rename: { url: 'target', Status: 'old' } })), [
    { target: 'http://x/', old: 1 },
  ]);
  await assert.rejects(
    all(tables.rows({ ...from, rename: { ulr: 'target' } })),
    /:3:9: rename: there is no column 'ulr'; did you mean 'url'\?$/,
  );
  const odd = { place, inline: [{ constructor: 1, b: 2 }], rename: { b: 'c' } };
  assert.deepEqual(await all(tables.rows(odd)), [{ constructor: 1, c: 2 }]);
  const twins = { place, inline: [{ host: 1, Host: 2 }] };
  await assert.rejects(all(tables.rows(twins)), /columns 'host' and 'Host', which SQL can't tell apart/);
});

test('rows that are nested 100,000 deep do not end the process: they are told with their place', async (t) => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = `{"id":1}\n{"id":2,"d":${open.repeat(100_000)}1${close.repeat(100_000)}}\n`;
    await assert.rejects(
      rowsOfFile(t, 'rows.jsonl', text),
      /report\.yaml:3:9: rows\.jsonl, row 2: arrays and objects are nested more than 1000 deep$/,
    );
  }
});

test('rows may be nested 900 deep, and JSON that SQL nests deeper stays text', async (t) => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(
    JSON.stringify(await rowsOfFile(t, 'rows.jsonl', `{"d":${nested(900)}}\n`)),
    `[{"d":${nested(900)}}]`,
  );
  const { tables } = await opened(t);
  const sql = "select (repeat('[', 3000) || repeat(']', 3000))::json as d";
  assert.deepEqual(await select(tables, sql), [{ d: nested(3000) }]);
});

test('JSON Lines with a byte order mark, or with CR alone, are told with what to do', async (t) => {
  await assert.rejects(
    rowsOfFile(t, 'rows.jsonl', '\ufeff{"a":1}\n'),
    /rows\.jsonl, line 1: it begins with a byte order mark; save it as UTF-8 without one$/,
  );
  await assert.rejects(
    rowsOfFile(t, 'rows.jsonl', '{"a":1}\r{"a":2}\r'),
    /rows\.jsonl, line 1: more than one JSON value is in this line; end each line with LF or CRLF$/,
  );
});
