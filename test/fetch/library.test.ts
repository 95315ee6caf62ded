import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { imap, map, type Options, type Result } from '../../src/fetch/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { times } from './servers.ts';

let server: TestServer;
let url: string;
before(async () => {
  server = await startServer();
  url = server.httpUrl!;
});
after(() => server.close());

/** Waits until the server has nothing in flight and no connection, or says what it still has. */
async function quiet(): Promise<void> {
  for (let tries = 0; server.stats().connections.open > 0; tries++) {
    if (tries > 100) assert.fail(`still open: ${JSON.stringify(server.stats())}`);
    await sleep(20);
  }
}

test('map gives the results in the order of the inputs, however they come in', async () => {
  const delays = [0.2, 0.05, 0.1, 0];
  const results = await map(delays.map((delay) => `${url}/delay/${delay}`));
  assert.deepEqual(
    results.map(({ url }) => Number(url.split('/').at(-1))),
    delays,
  );
});

test('imap gives the results as they come in', async () => {
  const indexes: number[] = [];
  for await (const { index } of imap([`${url}/delay/0.4`, `${url}/delay/0.2`, `${url}/get`]))
    indexes.push(index);
  assert.deepEqual(indexes, [2, 1, 0]);
});

test('leaving the loop over imap ends the run and closes its connections', async () => {
  server.resetStats();
  let seen = 0;
  for await (const _ of imap(
    times(1000, () => `${url}/delay/0.05`),
    { concurrency: 10 },
  ))
    if (++seen === 3) break;
  await quiet();
  assert.ok(server.stats().requests < 100, `${server.stats().requests} requests`);
});

test('imap starts nothing new while a thousand results wait to be taken', async () => {
  server.resetStats();
  const results = imap(
    times(4000, () => `${url}/get`),
    { concurrency: 10 },
  );
  await results.next();
  await sleep(1000);
  assert.ok(server.stats().requests <= 1100, `${server.stats().requests} requests`);
  let count = 1;
  for await (const _ of results) count++;
  assert.equal(count, 4000);
});

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`an aborted signal rejects map and imap with its reason and frees the sockets, over ${protocol}`, async () => {
    const why = new Error('enough');
    const options = { protocol, tls: { insecure: true } };
    const urls = times(50, () => `${server.httpsUrl}/delay/5`);
    const late = new AbortController();
    setTimeout(() => late.abort(why), 100);
    await assert.rejects(map(urls, { ...options, signal: late.signal }), why);
    await quiet();
    await assert.rejects(map(urls, { ...options, signal: AbortSignal.abort(why) }), why);
    await assert.rejects(async () => {
      for await (const _ of imap(urls, { ...options, signal: AbortSignal.timeout(50) }));
    }, /timeout/);
    await quiet();
  });

test('a process whose run was aborted, or whose loop was left, ends at once', async () => {
  const program = `
    import { imap, map } from '${new URL('../../src/fetch/index.ts', import.meta.url)}';
    const urls = Array.from({ length: 20 }, () => '${url}/fault/503?retry-after=50');
    await map(urls, { signal: AbortSignal.timeout(200) }).catch((error) => console.log(error.name));
    for await (const _ of imap(['${url}/get', '${url}/delay/9'])) break;
    console.log('left');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 8000);
  assert.equal(await text(child.stdout), 'TimeoutError\nleft\n');
  assert.deepEqual([child.exitCode ?? (await once(child, 'exit'))[0], child.signalCode], [0, null]);
  clearTimeout(deadline);
});

test('onError replaces a failed result, and none other', async () => {
  const results = await map([`${url}/get`, 'no url', `${url}/fault/nonsense`], {
    retries: 0,
    onError: (error, result) =>
      error.code === 'bad-url' ? ({ ...result, error: null, status: 0 } as Result) : undefined,
  });
  assert.deepEqual(
    results.map(({ status, error }) => [status, error?.code]),
    [
      [200, undefined],
      [0, undefined],
      [null, 'bad-header'],
    ],
  );
});

test('a hook that throws makes a result with the error hook, with all the rest of it', async () => {
  const mistake = new Error('my mistake');
  const hooks: Options[] = [
    {
      onResponse: () => {
        throw mistake;
      },
    },
    {
      good: () => false,
      onError: () => {
        throw mistake;
      },
    },
  ];
  for (const hook of hooks) {
    const [result, other] = await map([`${url}/json`, `${url}/json`], hook);
    assert.equal(result!.error?.code, 'hook');
    assert.equal(result!.error.cause, mistake);
    assert.match(result!.error.message, /my mistake/);
    assert.equal({ ...result! }.status, 200);
    assert.ok(result!.json());
    assert.equal(other!.error?.code, 'hook');
  }
});

test('good decides which answers are failures, and their bodies stay', async () => {
  const [bad] = await map([`${url}/status/404`], { good: (status) => status < 400 });
  assert.equal(bad!.error?.code, 'status');
  assert.equal(bad!.status, 404);
});

const BAD: readonly (readonly [object, string])[] = [
  [{ concurrency: 0 }, 'concurrency'],
  [{ concurrency: 1.5 }, 'concurrency'],
  [{ perOrigin: -1 }, 'perOrigin'],
  [{ rate: '10' }, 'rate'],
  [{ perOriginRate: '0/s' }, 'perOriginRate'],
  [{ timeout: 5 }, 'timeout'],
  [{ connectTimeout: '5' }, 'connectTimeout'],
  [{ firstByteTimeout: 'soon' }, 'firstByteTimeout'],
  [{ idleTimeout: '-1s' }, 'idleTimeout'],
  [{ retries: -1 }, 'retries'],
  [{ maxRetryAfter: '' }, 'maxRetryAfter'],
  [{ maxBody: Number.NaN }, 'maxBody'],
  [{ maxRedirects: '10' }, 'maxRedirects'],
  [{ proxy: 'nonsense://' }, 'proxy'],
  [{ headers: { 'bad name': 'x' } }, 'headers'],
  [{ userAgent: 'a\r\nb: c' }, 'userAgent'],
];
for (const [options, name] of BAD)
  test(`${JSON.stringify(options)} is a TypeError that names ${name}`, async () => {
    await assert.rejects(map([], options), (error: Error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, new RegExp(name, 'i'));
      return true;
    });
  });
