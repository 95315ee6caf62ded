import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from './index.ts';

test('a Redis that was killed has its data when it is started again, and evicts nothing', {
  skip: NO_REDIS,
}, async (t) => {
  const server = await startRedis({ password: 'a/b' });
  t.after(() => server.close());
  const client = new Redis(server.url);
  client.on('error', () => {}); // it is killed below
  t.after(() => client.disconnect());
  await client.set('name', 'kept');
  await client.config('SET', 'appendfsync', 'always');
  await client.set('other', 'kept, too');
  const { pid } = server;
  await server.kill();
  await server.start();
  assert.notEqual(server.pid, pid);
  assert.deepEqual(await client.mget('name', 'other'), ['kept', 'kept, too']);
  assert.deepEqual(await client.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction']);
});

test('a PostgreSQL that was killed while clients are connected has its data when it is started again', {
  skip: NO_POSTGRES,
}, async (t) => {
  const server = await startPostgres();
  t.after(() => server.close());
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => {}); // it is killed below
  t.after(() => pool.end());
  await pool.query('create table kept (name text)');
  await pool.query(`insert into kept values ('one')`);
  await server.kill();
  await server.start();
  assert.deepEqual((await pool.query('select name from kept')).rows, [{ name: 'one' }]);
  await server.close();
  assert.equal(existsSync(`/proc/${server.pid}`), false);
});
