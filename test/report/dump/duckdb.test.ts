import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { dump } from '../../../src/report/dump/index.ts';
import type { Dump } from '../../../src/report/report.ts';
import { opened, query, STARTED } from '../crunch/open.ts';

type Mode = 'replace' | 'append' | 'upsert';

function into(mode: Mode, key: readonly string[] = []): Dump {
  return {
    table: 'hosts',
    place: { line: 20, column: 5 },
    to: { kind: 'duckdb', path: 'kept.duckdb', mode, key },
  };
}

async function withFile(t: TestContext) {
  const { folder, report, tables } = await opened(t, { dumps: [into('replace')] });
  const file = join(folder, 'kept.duckdb');
  const ask = async (sql: string) => {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson();
    } finally {
      connection.disconnectSync();
      instance.closeSync();
    }
  };
  const write = async (sql: string, mode: Mode, key: readonly string[] = []) => {
    await tables.database.run('drop table if exists hosts');
    await tables.query(query('hosts', sql));
    return dump(into(mode, key), tables, { report, startedAt: STARTED });
  };
  return { file, ask, write };
}

test('a DuckDB file keeps its other tables, and replace, append and upsert do what they say', async (t) => {
  const { ask, write } = await withFile(t);
  await ask('create table other as select 42 as answer');
  await write("select 'a' as host, 1 as n", 'append');
  await write("select 'b' as host, 2 as n", 'append');
  assert.deepEqual(await ask('from hosts order by host'), [
    ['a', 1],
    ['b', 2],
  ]);
  await ask('alter table hosts add column note varchar');
  await ask("update hosts set note = 'kept'");
  await write("select 20 as n, 'b' as host union all select 3, 'c' union all select 0, null", 'upsert', [
    'host',
  ]);
  await write('select 30 as n, null::varchar as host', 'upsert', ['host']);
  assert.deepEqual(await ask('from hosts order by host nulls last'), [
    ['a', 1, 'kept'],
    ['b', 20, 'kept'],
    ['c', 3, null],
    [null, 30, null],
  ]);
  await write("select 'z' as only", 'replace');
  assert.deepEqual(await ask('from hosts'), [['z']]);
  assert.deepEqual(await ask('from other'), [[42]]);
});

test('a dump that does not fit changes nothing, and says why', async (t) => {
  const { ask, write } = await withFile(t);
  await write("select 'a' as host, 1 as n", 'replace');
  await assert.rejects(
    write("select 'b' as host, 1 as m", 'append'),
    /:20:5: 'hosts' was not written: the table in the file has no column 'm': add it there, .*mode: replace/,
  );
  await assert.rejects(
    write('select \'a\' as host, 1 as n, 2 as new, 3 as "Other"', 'upsert', ['host']),
    /the table in the file has no column 'new', 'Other': /,
  );
  await assert.rejects(
    write("select 'b' as host, range as n from range(2)", 'upsert', ['host']),
    /2 rows of 'hosts' have the same key \(host = "b"\); upsert wants one/,
  );
  await assert.rejects(
    write("select 'b' as host", 'upsert', ['hots']),
    /has no column 'hots', which key names; did you mean 'host'\?/,
  );
  assert.deepEqual(await ask('from hosts'), [['a', 1]]);
});

test('a file that another program has open is told to be', async (t) => {
  const { file, ask, write } = await withFile(t);
  await ask('select 1');
  const script =
    "const { DuckDBInstance } = require('@duckdb/node-api');" +
    'DuckDBInstance.create(process.argv[1]).then((db) => { globalThis.db = db; console.log(1); setTimeout(() => {}, 60000); });';
  const holder = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  assert.equal(holder.exitCode, null);
  await assert.rejects(write('select 1 as n', 'replace'), /another program has it open; close it there/);
});
