import assert from 'node:assert/strict';
import { test } from 'node:test';
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
    /may not make the schema 'abreast': permission denied.*GRANT CREATE/,
  );
  const unknown = new URL(url);
  unknown.username = 'nobody';
  assert.match(await refusal(unknown.href), /refuses the user or the password in the URL of the queue/);
});
