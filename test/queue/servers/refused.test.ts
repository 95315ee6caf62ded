import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openServer } from '../../../src/queue/servers/open.ts';
import { freePort, NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from '../../servers/index.ts';

/** The one line that the user gets. */
async function refusal(url: string): Promise<string> {
  try {
    await (await openServer(url)).close();
  } catch (error) {
    assert.equal((error as Error).name, 'QueueError');
    const { message } = error as Error;
    assert.doesNotMatch(message, /\n|S3CRET/);
    return message;
  }
  assert.fail('it is not refused');
}

test('what is no URL of a queue is refused without a word of it, which may be a password', async () => {
  for (const url of ['S3CRET', 'http://S3CRET@localhost', 'redis:S3CRET', 'mysql://u:S3CRET@h/d'])
    assert.match(await refusal(url), /^a queue is redis:\/\/HOST:PORT/);
  for (const url of [
    'redis://:a@b/S3CRET@localhost',
    'postgres://u:a@b/S3CRET?@h/d',
    'redis://u:p@a#S3CRET@h',
  ])
    assert.match(await refusal(url), /^the URL of the queue has an @ after its host\. .* @ as %40/);
});

test('a server that is not there is named, with what the system says', async () => {
  const port = await freePort();
  assert.match(
    await refusal(`redis://:S3CRET@127.0.0.1:${port}`),
    new RegExp(
      `^redis://127.0.0.1:${port} can't be reached: connect ECONNREFUSED .*Is Redis running there\\?$`,
    ),
  );
  assert.match(
    await refusal(`postgres://me:S3CRET@127.0.0.1:${port}/d`),
    new RegExp(`^postgres://127.0.0.1:${port}/d can't be reached: connect ECONNREFUSED .*PostgreSQL running`),
  );
});

test('a Redis with another password, or without the one that it wants, says so', {
  skip: NO_REDIS,
}, async (t) => {
  const { url, ...server } = await startRedis({ password: 'right' });
  t.after(() => server.close());
  assert.match(await refusal(url.replace('right', 'S3CRET')), /refuses the user or the password in the URL/);
  assert.match(
    await refusal(url.replace(':right@', '')),
    /wants a password, and the URL of the queue has none/,
  );
});

test('a Redis that removes keys when its memory is full is refused, with the setting', {
  skip: NO_REDIS,
}, async (t) => {
  const { url, ...server } = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
  t.after(() => server.close());
  assert.match(await refusal(url), /its maxmemory-policy is allkeys-lru\. Set it to noeviction/);
});

test('a Redis on which a run could not write is refused, with the reason', { skip: NO_REDIS }, async (t) => {
  const { url, ...server } = await startRedis();
  t.after(() => server.close());
  const client = new Redis(url);
  t.after(() => client.disconnect());
  await client.call('ACL', 'SETUSER', 'other', 'on', '>S3CRET', '~other:*', '+@all');
  await client.call('ACL', 'SETUSER', 'slow', 'on', '>S3CRET', '~*', '+@all', '-@scripting');
  for (const user of ['other', 'slow'])
    assert.match(
      await refusal(url.replace('//', `//${user}:S3CRET@`)),
      /the user in its URL may not do what a queue needs \(it runs scripts, and its keys are abreast:\*\): NOPERM/,
    );
  const printed = t.mock.method(console, 'warn', () => {});
  await client.call('ACL', 'SETUSER', 'blind', 'on', '>S3CRET', '~*', '+@all', '-info');
  assert.match(
    await refusal(url.replace('//', '//blind:S3CRET@')),
    /may not do what a queue needs .*'info' command/,
  );
  assert.equal(printed.mock.callCount(), 0, 'what the library has to say is in the message');
  await client.config('SET', 'maxmemory', '1');
  assert.match(await refusal(url), /has no memory left for a queue: its maxmemory is used up\./);
  await client.config('SET', 'maxmemory', '0');
  await client.replicaof('127.0.0.1', await freePort());
  assert.match(await refusal(url), /is a read-only replica: .* Name its primary/);
});

test('a database of Redis that is none is named', { skip: NO_REDIS }, async (t) => {
  const { url, ...server } = await startRedis();
  t.after(() => server.close());
  assert.match(await refusal(`${url}/work`), /\/work: a database of Redis is a number/);
  assert.match(await refusal(`${url}/99`), /\/99 has no such database/);
});

test('what is no Redis is not called one', async (t) => {
  const server = createServer((socket) =>
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.match(await refusal(`redis://127.0.0.1:${port}`), /answers, but not as a Redis does/);
});

test('a user without rights works in a schema that was made for it, and with tables that it may only use', {
  skip: NO_POSTGRES,
}, async (t) => {
  const { url, ...server } = await startPostgres();
  t.after(() => server.close());
  const client = new pg.Client(url);
  await client.connect();
  for (const role of ['owner', 'worker']) await client.query(`CREATE ROLE ${role} LOGIN`);
  await client.query('REVOKE CREATE ON SCHEMA public FROM public');
  await client.query('CREATE SCHEMA abreast AUTHORIZATION owner');
  await (await openServer(url.replace('postgres@', 'owner@'))).close();
  await client.query('GRANT USAGE ON SCHEMA abreast TO worker');
  await client.query('GRANT ALL ON ALL TABLES IN SCHEMA abreast TO worker');
  await (await openServer(url.replace('postgres@', 'worker@'))).close();
  await client.query('ALTER DATABASE postgres SET default_transaction_read_only = on');
  assert.match(await refusal(url), /is read-only: .* Name the primary/);
  await client.end();
});

test('a PostgreSQL with another password, another database, or too few rights says so', {
  skip: NO_POSTGRES,
}, async (t) => {
  const { url, ...server } = await startPostgres();
  t.after(() => server.close());
  const none = new URL(url);
  none.pathname = '/none';
  assert.match(await refusal(none.href), /database "none" does not exist\. Name one that exists/);
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE ROLE small LOGIN PASSWORD 'p'`);
  await client.end();
  const small = new URL(url);
  small.username = 'small';
  small.password = 'p';
  assert.match(
    await refusal(small.href),
    /may not make or change the schema 'abreast': permission denied.*CREATE SCHEMA abreast AUTHORIZATION/,
  );
  const unknown = new URL(url);
  unknown.username = 'nobody';
  assert.match(await refusal(unknown.href), /refuses the user or the password in the URL of the queue/);
});
