import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withListsAsColumns } from '../../../src/report/crunch/lateral.ts';
import { report, request } from '../run/reports.ts';
import { addLines, line, opened, query, select } from './open.ts';

const MB = 1024 * 1024;
const LIST = `from_json(body->'$.items', '["json"]')`;

const SAME_WITH_LESS = [
  `select size, i->>'$.k' as k from a, unnest(${LIST}) as t(i)`,
  `select size, i->>'$.k' as k from a, unnest(${LIST}) as t(i);`,
  `select A.size, i->>'$.k' as k from a A, unnest(from_json(A.body->'$.items', '["json"]')) as t(i) where A.size > 1`,
  `select b.size, unnest->>'$.k' as k from main.a as b cross join unnest(from_json(b.body->'$.items', '["json"]'))`,
  `select size, a.row.host, i from a left join unnest(${LIST}) as t(i) on true`,
  `select size, i from a join unnest(${LIST}) as t(i) on i->>'$.k' <> '2'`,
  `select size, x.i from a, lateral (select unnest(${LIST}) as i) as x`,
  `select size, i, j from a, unnest(${LIST}) as t(i), unnest(from_json(i->'$.tags', '["text"]')) as u(j)`,
  `with items as (select size, i from a, unnest(${LIST}) as t(i)) select * from items where size < 3`,
  `select host, sum((i->>'$.k')::int) as n, count(*) from a, unnest(${LIST}) as t(i) group by all`,
  `select size, (select count(*) from a b, unnest(from_json(b.body->'$.items', '["json"]')) as t(i) where b.size <= a.size) as n from a`,
  `select size, i from a, unnest(${LIST}) as t(i) union all select -1, i from a, unnest(${LIST}) as t(i)`,
  `select size, i, o from a, unnest(${LIST}) with ordinality as t(i, o)`,
  `select size, '"query_location":7 ''ü' as "a ""b""", i from a, unnest(${LIST}) as t(i)`,
];

const AS_WRITTEN = [
  `select * from a, unnest(${LIST}) as t(i)`,
  `select a.* exclude (url), i from a, unnest(${LIST}) as t(i)`,
  `select columns('s.*'), i from a, unnest(${LIST}) as t(i)`,
  `select a, i from a, unnest(${LIST}) as t(i)`,
  `select to_json(a)::varchar as whole, i from a, unnest(${LIST}) as t(i)`,
  `select rowid, i from a, unnest(${LIST}) as t(i)`,
  `select main.a.size, i from a, unnest(${LIST}) as t(i)`,
  `select x, i from a as b(x), unnest(${LIST}) as t(i)`,
  `select size, i from a, unnest([1, 2]) as t(i)`,
  `select size, unnest(${LIST})->>'$.k' as k from a`,
  `select size, i, 9007199254740993 as big from a, unnest(${LIST}) as t(i)`,
  `select size, i, 123456789012345678901234567890 as big from a, unnest(${LIST}) as t(i)`,
  'pivot a on host using count(*)',
];

function body(size: number): string {
  const items = Array.from({ length: size % 4 }, (_, k) => ({ k, tags: ['x', `${size}`].slice(0, k) }));
  return JSON.stringify({ items });
}

test('a query that takes lists apart has the same rows in the form that needs less memory', async (t) => {
  const run = await opened(t);
  const lines = Array.from({ length: 12 }, (_, index) => line(index, { body: body(Math.min(index, 9)) }));
  await addLines(run, request('a'), lines);
  for (const [at, sql] of [...SAME_WITH_LESS, ...AS_WRITTEN].entries()) {
    const other = await withListsAsColumns(run.tables.database, sql);
    assert.equal(other !== null, at < SAME_WITH_LESS.length, `${sql}\n${other}`);
    await run.tables.query(query(`q${at}`, sql));
    await run.tables.database.run(`create table plain${at} as ${sql}`);
    const rows = (table: string) =>
      select(run.tables, `select to_json(x)::varchar as row from ${table} x order by 1`);
    const found = await rows(`q${at}`);
    assert.ok(found.length > 0, sql);
    assert.deepEqual(found, await rows(`plain${at}`), sql);
  }
});

test('a list that is taken apart after from does not need the whole body for each of its items', async (t) => {
  const run = await opened(t, { limits: { ...report('/nowhere').limits, maxMemoryBytes: 600 * MB } });
  const items = Array.from({ length: 20_000 }, (_, k) => ({ k, text: 'x'.repeat(80) }));
  const lines = Array.from({ length: 5 }, (_, index) =>
    line(index, { body: JSON.stringify({ index, items }) }),
  );
  await addLines(run, request('a'), lines);
  await run.tables.query(query('items', `select size, i->>'$.k' as k from a, unnest(${LIST}) as t(i)`));
  const [counted] = await select(
    run.tables,
    'select count(*) as n, count(distinct (size, k)) as m from items',
  );
  assert.deepEqual(counted, { n: 100_000, m: 100_000 });
  await assert.rejects(
    run.tables.query(query('each', "select size, value from a, json_each(body, '$.items')")),
    /report\.yaml:10:5: it needs more memory than it may take; .*: select id, unnest\(from_json\(.*; or raise/,
  );
});
