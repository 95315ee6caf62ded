import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { fixVariables } from '../../../src/watch/index.ts';
import { environment } from './environments.ts';
import { all, program, watch } from './program.ts';
import { peak } from './steps.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

interface Change {
  readonly in: string;
  /** What Python runs: a file and its arguments, or `-c` and a text. */
  readonly args: readonly string[];
  readonly fixes: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program with changes. Gives what it did, and the names of the changes that took effect. */
async function changed(t: TestContext, change: Change) {
  const made = environment(change.in);
  if ('skip' in made) return void t.skip(made.skip);
  const folder = mkdtempSync(join(tmpdir(), 'abreast-fixes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const marks = join(folder, 'marks');
  const env = { N: '6', ...change.env, ...fixVariables(change.fixes, marks) };
  const watched = await watch([made.path, ...change.args], { env });
  assert.equal(watched.exitCode, 0, watched.stderr);
  const notes = readFileSync(marks, 'utf8').trim().split('\n');
  for (const note of notes)
    assert.ok(
      change.fixes.some((fix) => fix.slice(0, 2).join('\t') === note),
      note,
    );
  return { watched, applied: new Set(notes.map((note) => note.split('\t')[0])) };
}

/** How each limit of limited.py is called in a verdict. */
const LIMITS = {
  executor: 'ThreadPoolExecutor max_workers',
  process_pool: 'ProcessPoolExecutor max_workers',
  thread_pool: 'multiprocessing.pool.ThreadPool processes',
  threading_semaphore: 'threading.Semaphore',
  asyncio_semaphore: 'asyncio.Semaphore',
  anyio_limiter: 'anyio.CapacityLimiter total_tokens',
  anyio_semaphore: 'anyio._backends._asyncio.Semaphore',
  gevent_pool: 'gevent.pool.Pool size',
  eventlet_pool: 'eventlet GreenPool size',
  eventlet_semaphore: 'eventlet.semaphore.Semaphore',
  trio_semaphore: 'trio.Semaphore',
  trio_limiter: 'trio.CapacityLimiter',
  twisted_semaphore: 'twisted DeferredSemaphore',
  tornado_client: 'tornado SimpleAsyncHTTPClient max_clients',
  urllib3_pool: 'urllib3 pool_maxsize',
} as const;

describe('a limit of two is raised to six from outside', () => {
  for (const [limit, name] of Object.entries(LIMITS)) {
    it(name, async (t) => {
      const env = { URL: `${server.httpUrl}/together/6`, LIMIT: limit };
      const fixes = [['raise', name, '2', '', '6']];
      const made = /^(trio|twisted)/.test(limit) ? 'async312' : 'py312';
      const ran = await changed(t, { in: made, args: [program('limited')], fixes, env });
      if (ran === undefined) return;
      assert.equal(ran.watched.stdout.trim(), '6 of 6');
      assert.deepEqual(ran.applied, new Set(['raise']));
    });
  }

  it('also that of curl_cffi', async (t) => {
    const fixes = [['raise', 'curl_cffi AsyncSession max_clients', '2', '', '6']];
    const env = { URL: `${server.httpUrl}/together/6`, CLIENTS: '2' };
    const ran = await changed(t, { in: 'curl312', args: [program('curl_cffi_gather')], fixes, env });
    if (ran !== undefined) assert.equal(ran.watched.stdout.trim(), '6 of 6');
  });

  for (const [limit, name, size] of [
    ['default_executor', 'asyncio default executor max_workers', '6'],
    ['anyio_threads', 'anyio default thread limiter', '40'],
  ] as const)
    it(`also what nobody gives a size: ${name}`, async (t) => {
      const fixes = [['raise', name, size, '', '50']];
      const env = { URL: `${server.httpUrl}/together/50`, N: '50', LIMIT: limit };
      const ran = await changed(t, { in: 'py312', args: [program('limited')], fixes, env });
      if (ran !== undefined) assert.equal(ran.watched.stdout.trim(), '50 of 50');
    });

  it('also those of aiohttp and httpx', async (t) => {
    const address = `${server.httpUrl}/together/6`;
    const raise = (name: string) => [['raise', name, '2', '', '6']];
    const aiohttp = { args: [program('aiohttp_gather')], fixes: raise('aiohttp connector limit_per_host') };
    const httpx = { args: [program('httpx_gather')], fixes: raise('httpcore pool max_connections') };
    for (const one of [aiohttp, httpx]) {
      const ran = await changed(t, {
        in: 'py312',
        ...one,
        env: { URL: address, LIMIT: '2', CONNECTIONS: '2' },
      });
      if (ran !== undefined) assert.equal(ran.watched.stdout.trim(), '6 of 6');
    }
  });

  it('on Python 2.7 as well', async (t) => {
    const code = `
import os, urllib2
from multiprocessing.pool import ThreadPool
print(sum(ThreadPool(2).map(lambda _: urllib2.urlopen(os.environ['URL']).getcode() == 200, range(6))))`;
    const fixes = [['raise', 'multiprocessing.pool.ThreadPool processes', '2', '', '6']];
    const env = { URL: `${server.httpUrl}/together/6` };
    const ran = await changed(t, { in: 'py27', args: ['-c', code], fixes, env });
    if (ran !== undefined) assert.equal(ran.watched.stdout.trim(), '6');
  });
});

it('a limit of another size, of another name or of another line stays as it is', async (t) => {
  const env = { URL: `${server.httpUrl}/delay/0.1`, LIMIT: 'executor' };
  const name = 'ThreadPoolExecutor max_workers';
  const fixes = [
    ['raise', name, '3', '', '6'],
    ['raise', 'threading.Semaphore', '2', '', '6'],
    ['raise', name, '2', '/elsewhere.py:1', '6'],
    ['variable', 'LIMIT', 'executor'],
  ];
  const ran = await changed(t, { in: 'py312', args: [program('limited')], fixes, env });
  if (ran === undefined) return;
  assert.deepEqual(ran.applied, new Set(['variable']));
  assert.equal(peak(all(ran.watched, 'exchange')), 2);
});

describe('grequests with pyOpenSSL in urllib3 sends all at once', () => {
  for (const fix of ['no-pyopenssl', 'patch-select'])
    for (const name of ['py27', 'py312'])
      it(`by ${fix}, in ${name}`, async (t) => {
        const env = { URL: `${server.httpsUrl}/delay/1`, N: '4', INJECT: '1' };
        const ran = await changed(t, { in: name, args: [program('grequests_map')], fixes: [[fix]], env });
        if (ran === undefined) return;
        assert.deepEqual(ran.applied, new Set([fix]));
        assert.ok(peak(all(ran.watched, 'exchange')) >= 3);
      });
});

describe('the patch comes before the first line of the program', () => {
  for (const by of ['gevent', 'eventlet'])
    it(`that of ${by}`, async (t) => {
      const args = ['-c', 'import socket; print(socket.socket.__module__)'];
      const ran = await changed(t, { in: 'py312', args, fixes: [['patch-first', by]] });
      if (ran === undefined) return;
      assert.ok(ran.watched.stdout.startsWith(by), ran.watched.stdout);
      assert.deepEqual(ran.applied, new Set(['patch-first']));
    });
});

it('sessions of requests share their connections, and no cookies', async (t) => {
  const code = `
import os, requests
requests.get(os.environ['URL'] + '/cookies/set?a=1')
print(requests.get(os.environ['URL'] + '/cookies').text)
print([requests.get(os.environ['URL'] + '/get').status_code for _ in range(4)])`;
  const env = { URL: `${server.httpUrl}` };
  const ran = await changed(t, { in: 'py312', args: ['-c', code], fixes: [['keep-alive']], env });
  if (ran === undefined) return;
  assert.ok(all(ran.watched, 'exchange').length >= 6);
  assert.equal(all(ran.watched, 'connection').length, 1);
  assert.doesNotMatch(ran.watched.stdout, /"a"/);
});

it('gevent looks up names in as many threads as it is told', async (t) => {
  const args = ['-c', 'import gevent; print(gevent.get_hub().threadpool.maxsize)'];
  const ran = await changed(t, { in: 'py312', args, fixes: [['name-threads', '33']] });
  if (ran === undefined) return;
  assert.equal(ran.watched.stdout.trim(), '33');
  assert.deepEqual(ran.applied, new Set(['name-threads']));
});
