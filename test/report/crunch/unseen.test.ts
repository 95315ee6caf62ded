import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkSql } from '../../../src/report/check-sql.ts';
import type { OpenTables } from '../../../src/report/crunch/index.ts';
import type { Report, RowsFrom } from '../../../src/report/report.ts';
import { request } from '../run/reports.ts';
import { addLines, all, opened, query, select, sqlRows } from './open.ts';

const place = { line: 3, column: 9 };

/** What a night with rows would crunch, whatever is in the columns `id` and `n`. */
const SQL = `select id, sum(n) as total, max(n * 2.5), count(*) filter (lower(id) like 'a%'), max("row".n) + 1
  from a where id is not null and a.n > 3 and status = 200 group by id`;

const good = { status: [], contentType: null, sql: query('good', 'n < 5') };

/** A report over rows of which there is none, which is checked, and run as far as its tables. */
async function openedOver(
  t: TestContext,
  rowsIn: (folder: string) => RowsFrom,
): Promise<{ report: Report; tables: OpenTables }> {
  const run = await opened(t, (folder) => {
    writeFileSync(join(folder, 'header.csv'), 'id,n\n');
    writeFileSync(join(folder, 'empty.jsonl'), '\n');
    return {
      rows: rowsIn(folder),
      requests: [
        request('a', { good }),
        request('b', { rows: sqlRows("select id as key, unnest(body->'$[*]') as item from a") }),
      ],
      crunch: [query('sums', SQL)],
      checks: [query('none', 'select rows.id, item from rows join b on b.key = rows.id where n > 3')],
    };
  });
  await checkSql(run.report);
  assert.deepEqual(await all(run.tables.rows(run.report.rows!)), []);
  writeFileSync(join(run.folder, 'run', 'rows.jsonl'), '');
  await run.tables.addRows(join(run.folder, 'run', 'rows.jsonl'));
  for (const each of run.report.requests) await addLines(run, each, []);
  for (const each of run.report.crunch) await run.tables.query(each);
  for (const each of run.report.checks) assert.equal((await run.tables.check(each)).good, true);
  return run;
}

test('rows of a CSV file that has a header line only do not end a run: SQL sees its columns, and no type is wrong', async (t) => {
  const { tables } = await openedOver(t, (folder) => ({
    place,
    file: join(folder, 'header.csv'),
    format: 'csv',
  }));
  assert.deepEqual(await select(tables, 'select * from sums'), []);
  assert.deepEqual(await select(tables, 'select id, n, "row".id, status from a'), []);
  const misspelt = tables.query(query('wrong', 'select idd from a'));
  await assert.rejects(misspelt, /there is no column 'idd'; did you mean 'id'\?/);
});

test('rows of an empty file of JSON Lines do not end a run: SQL sees each column that it asks for', async (t) => {
  const { tables } = await openedOver(t, (folder) => ({
    place,
    file: join(folder, 'empty.jsonl'),
    format: 'jsonl',
  }));
  assert.deepEqual(await select(tables, 'select * from sums'), []);
  await tables.query(
    query('excluded', 'select * exclude (other), a.third from a join rows using (id, fourth)'),
  );
});

test('rows of SQL over files without rows do not end a run', async (t) => {
  const files = (folder: string) => ({
    s: { file: join(folder, 'empty.jsonl'), format: 'jsonl' as const },
    h: { file: join(folder, 'header.csv'), format: 'csv' as const },
  });
  const queries = [
    'select id, n + 1 as n from h where n > 3',
    'select s.id, weight, h.n from s join h using (id) where sum_of > 3',
  ];
  for (const sql of queries)
    await openedOver(t, (folder) => ({ ...sqlRows(sql), files: files(folder) }) as RowsFrom);
});

test('an empty CSV file is one fault, not one for each table that lacks its columns', async (t) => {
  const { report } = await opened(t, (folder) => {
    writeFileSync(join(folder, 'empty.csv'), '\n');
    return {
      rows: { place, file: join(folder, 'empty.csv'), format: 'csv' },
      requests: [request('a', { good })],
      crunch: [query('sums', SQL)],
      checks: [query('none', 'from rows')],
    };
  });
  await assert.rejects(checkSql(report), {
    message: `${report.file}:3:9: empty.csv is empty; its first line names the columns`,
  });
});
