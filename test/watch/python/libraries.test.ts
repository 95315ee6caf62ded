import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { add, collect, finish, noEvidence, start } from '../../../src/diagnose/index.ts';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import type { Limit } from '../../../src/trace/index.ts';
import { environment } from './environments.ts';
import { all, program, type Watched, watch } from './program.ts';
import { inOrder, level, peak } from './steps.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ maxStreams: 2 });
});
after(() => server.close());
beforeEach(() => server.resetStats());

const environments = ['py27', 'py38', 'py312', 'curl312', 'async312'].map((name) => ({
  name,
  made: environment(name),
}));

interface Plan {
  readonly title: string;
  readonly program: string;
  readonly in: readonly string[];
  readonly env: (server: TestServer) => Readonly<Record<string, string>>;
  readonly check: (watched: Watched) => void;
}

const plans: readonly Plan[] = [
  {
    title: 'requests in threads',
    program: 'requests_threads',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/6?delay=0.1`, N: '6' }),
    check: (watched) => assert.equal(peak(all(watched, 'exchange')), 6),
  },
  {
    title: 'urllib3 with a pool of two that is waited for',
    program: 'requests_threads',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.3`, N: '6', POOL: '2' }),
    check(watched) {
      fallsBefore(watched, 'dispatchedUs', 2, 6);
      assert.equal(limit(watched, 'requests HTTPAdapter pool_maxsize').size, 2);
      assert.match(limit(watched, 'requests HTTPAdapter pool_maxsize').setAt!, /requests_threads\.py:10$/);
      assert.ok(waitsIn(watched, '_get_conn').length >= 4, 'four threads wait for a connection');
    },
  },
  {
    title: 'aiohttp',
    program: 'aiohttp_gather',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpsUrl}/together/6?delay=0.1`, N: '6' }),
    check(watched) {
      assert.equal(peak(all(watched, 'exchange')), 6);
      assert.match(all(watched, 'connection')[0]!.tlsVersion!, /^TLSv1/);
    },
  },
  {
    title: 'aiohttp with two connections a host',
    program: 'aiohttp_gather',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.5`, N: '6', LIMIT: '2' }),
    check(watched) {
      fallsBefore(watched, 'dispatchedUs', 2, 6);
      assert.match(limit(watched, 'aiohttp connector limit_per_host').setAt!, /aiohttp_gather\.py:13$/);
      assert.ok(waitsIn(watched, 'connect').length >= 4, 'four tasks wait in the connector');
    },
  },
  {
    title: 'a semaphore around aiohttp',
    program: 'aiohttp_gather',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.5`, N: '6', PERMITS: '2' }),
    check(watched) {
      fallsBefore(watched, 'calledUs', 2, 6);
      assert.equal(limit(watched, 'asyncio.Semaphore').size, 2);
      assert.match(limit(watched, 'asyncio.Semaphore').setAt!, /aiohttp_gather\.py:12$/);
      assert.ok(waitsIn(watched, 'acquire').length >= 4, 'four tasks wait for a permit');
    },
  },
  {
    title: 'httpx',
    program: 'httpx_gather',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/6?delay=0.1`, N: '6' }),
    check: (watched) => assert.equal(peak(all(watched, 'exchange')), 6),
  },
  {
    title: 'httpx with two connections',
    program: 'httpx_gather',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.2`, N: '6', CONNECTIONS: '2' }),
    check(watched) {
      fallsBefore(watched, 'dispatchedUs', 2, 6);
      assert.equal(limit(watched, 'httpcore pool max_connections').size, 2);
    },
  },
  {
    title: 'httpx over HTTP/2, where the server allows two streams',
    program: 'httpx_gather',
    in: ['py312'],
    env: (to) => ({ URL: `${to.httpsUrl}/delay/0.2`, N: '6', HTTP2: '1' }),
    check(watched) {
      fallsBefore(watched, 'dispatchedUs', 2, 6);
      assert.equal(all(watched, 'connection')[0]!.protocol, 'h2');
      assert.equal(limit(watched, 'HTTP/2 max_concurrent_streams').size, 2);
    },
  },
  {
    title: 'httpx without asyncio, in threads',
    program: 'httpx_threads',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/6?delay=0.1`, N: '6' }),
    check: (watched) => assert.equal(peak(all(watched, 'exchange')), 6),
  },
  {
    title: 'grequests',
    program: 'grequests_map',
    in: ['py312'],
    env: (to) => ({ URL: `${to.httpsUrl}/together/5?delay=0.1`, N: '5' }),
    check(watched) {
      assert.equal(peak(all(watched, 'exchange')), 5);
      const select = all(watched, 'environment')
        .at(-1)!
        .patches!.find((patch) => patch.target === 'select');
      assert.ok(select?.left?.includes('select.poll'), 'grequests leaves select alone');
    },
  },
  {
    title: 'grequests on urllib3 with pyOpenSSL put into it: each wait holds the thread',
    program: 'grequests_map',
    in: ['py27', 'py38', 'py312'],
    env: (to) => ({ URL: `${to.httpsUrl}/delay/0.7`, N: '4', INJECT: '1' }),
    check(watched) {
      const exchanges = all(watched, 'exchange');
      assert.equal(peak(exchanges), 1);
      assert.ok(level(exchanges, 'wantedUs') > 2, 'all were asked at once');
      const patches = all(watched, 'environment').at(-1)!.patches!;
      const patch = patches.find(({ by }) => by === 'pyOpenSSL');
      assert.equal(patch?.replacement, 'urllib3.contrib.pyopenssl.PyOpenSSLContext');
      assert.match(patch.version ?? '', /^\d+\.\d/);
      const held = waitsIn(watched, 'recv_into').concat(waitsIn(watched, 'recv'));
      const blocked = held.filter((block) => block.thread !== undefined && block.wait.descriptors === 1);
      assert.ok(blocked.length >= 3, `waits of the thread on one socket: ${JSON.stringify(held)}`);
      const frames = all(watched, 'stack').find((stack) => stack.id === blocked[0]!.stack)!.frames;
      assert.ok(frames.some((frame) => frame.self === 'urllib3.contrib.pyopenssl.WrappedSocket'));
      assert.equal(all(watched, 'connection')[0]!.socketClass, 'urllib3.contrib.pyopenssl.WrappedSocket');
      assert.equal(blocked[0]!.wait.connections?.length, 1);
    },
  },
  {
    title: 'Scrapy, which holds back what it has scheduled',
    program: 'scrapy_products',
    in: ['async312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.4`, N: '8', AT_ONCE: '2' }),
    check(watched) {
      fallsBefore(watched, 'calledUs', 2, 8);
      assert.equal(limit(watched, 'Scrapy CONCURRENT_REQUESTS').size, 2);
    },
  },
  {
    title: 'Scrapy, whose answers Twisted reads',
    program: 'scrapy_pages',
    in: ['async312'],
    env: (to) => ({ URL: `${to.httpUrl}/items/16?size=4` }),
    check(watched) {
      const pages = all(watched, 'exchange').sort((one, other) => one.id - other.id);
      assert.deepEqual(
        pages.map(({ from }) => from),
        [[], ...pages.slice(0, -1).map(({ id }) => [id])],
      );
    },
  },
  {
    title: 'curl_cffi',
    program: 'curl_cffi_gather',
    in: ['curl312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/6?delay=0.1`, N: '6' }),
    check(watched) {
      assert.equal(peak(all(watched, 'exchange')), 6);
      assert.equal(new Set(all(watched, 'connection').map(({ local }) => local)).size, 6);
    },
  },
  {
    title: 'curl_cffi over HTTP/2',
    program: 'curl_cffi_gather',
    in: ['curl312'],
    env: (to) => ({ URL: `${to.httpsUrl}/together/6?delay=0.1`, N: '6' }),
    check(watched) {
      assert.equal(peak(all(watched, 'exchange')), 6);
      assert.equal(all(watched, 'connection')[0]!.protocol, 'h2');
    },
  },
  {
    title: 'curl_cffi with two handles: four tasks wait in its pool, wanted since they were spawned',
    program: 'curl_cffi_gather',
    in: ['curl312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.4`, N: '6', CLIENTS: '2' }),
    check(watched) {
      fallsBefore(watched, 'dispatchedUs', 2, 6);
      assert.equal(limit(watched, 'curl_cffi AsyncSession max_clients').size, 2);
      assert.match(limit(watched, 'curl_cffi AsyncSession max_clients').setAt!, /curl_cffi_gather\.py:14$/);
      assert.ok(waitsIn(watched, 'pop_curl').length >= 4, 'four tasks wait for a handle');
      const [cause] = causesOf(watched);
      assert.deepEqual([cause?.id, cause?.confidence], ['connection-limit', 'certain']);
    },
  },
  {
    title: 'curl_cffi behind a semaphore: wanted before the permit, called after it',
    program: 'curl_cffi_gather',
    in: ['curl312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.4`, N: '6', PERMITS: '2' }),
    check: (watched) => fallsBefore(watched, 'calledUs', 2, 6),
  },
  {
    title: 'curl_cffi in threads',
    program: 'curl_cffi_gather',
    in: ['curl312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/6?delay=0.1`, N: '6', THREADS: '1' }),
    check: (watched) => assert.equal(peak(all(watched, 'exchange')), 6),
  },
  {
    title: 'eventlet',
    program: 'eventlet_pool',
    in: ['py312'],
    env: (to) => ({ URL: `${to.httpUrl}/together/5?delay=0.1`, N: '5' }),
    check: (watched) => assert.equal(peak(all(watched, 'exchange')), 5),
  },
  {
    title: 'a loop that computes: cpu, the line, and answers that lie unread',
    program: 'busy',
    in: ['py38', 'py312'],
    env: (to) => ({ URL: `${to.httpUrl}/delay/0.1` }),
    check(watched) {
      const busy = waitsIn(watched, 'compute').filter((block) => block.wait.kind === 'cpu');
      const exchanges = all(watched, 'exchange');
      const span = Math.max(...exchanges.map((one) => one.readUs!)) - exchanges[0]!.wantedUs!;
      const time = busy.reduce((sum, block) => sum + block.toUs - block.fromUs, 0);
      assert.ok(time > span / 3, `${time} of ${span} us`);
      assert.ok(all(watched, 'ready').length > 0);
    },
  },
];

for (const { name, made } of environments) {
  for (const plan of plans.filter((one) => one.in.includes(name))) {
    test(`${name}: ${plan.title}`, 'skip' in made ? { skip: made.skip } : {}, async () => {
      const python = 'path' in made ? made.path : '';
      const watched = await watch([python, program(plan.program)], { env: plan.env(server) });
      assert.equal(watched.exitCode, 0, watched.stderr);
      assert.deepEqual(all(watched, 'note'), []);
      const exchanges = all(watched, 'exchange');
      assert.equal(exchanges.length, server.stats().requests);
      assert.deepEqual(new Set(exchanges.map((one) => one.status)), new Set([200]));
      exchanges.forEach(inOrder);
      plan.check(watched);
    });
  }
  if (name !== 'py38' && name !== 'py312') continue;
  test(`${name}: redirects, retries and failures`, 'skip' in made ? { skip: made.skip } : {}, async () => {
    const python = 'path' in made ? made.path : '';
    const env = { URL: server.httpUrl!, CLOSED: 'http://127.0.0.1:1/' };
    const watched = await watch([python, program('failures')], { env });
    const said = all(watched, 'exchange').map((one) =>
      [one.because, one.attempt, one.status ?? one.error].join(' '),
    );
    assert.deepEqual(said, [
      'first 1 302',
      'redirect 1 200',
      'first 1 404',
      'first 1 503',
      'retry 2 503',
      'retry 3 503',
      'first 1 ConnectionRefusedError',
      'retry 2 ConnectionRefusedError',
      'retry 3 ConnectionRefusedError',
    ]);
  });
}

const curl = environments.find(({ name }) => name === 'curl312')!.made;
test(
  'curl_cffi: what is refused has no connection and passed no step of one',
  'skip' in curl ? { skip: curl.skip } : {},
  async () => {
    const python = 'path' in curl ? curl.path : '';
    const env = { URL: 'http://127.0.0.1:1/', N: '2' };
    const watched = await watch([python, program('curl_cffi_gather')], { env });
    const said = all(watched, 'exchange').map(({ error, connection, connectedUs, sentUs, answeredUs }) => [
      error,
      connection,
      connectedUs,
      sentUs,
      answeredUs,
    ]);
    assert.deepEqual(said, Array(2).fill(['COULDNT_CONNECT', null, null, null, null]));
  },
);

/** Where the level falls from `all` to `few`: before `step`. */
function fallsBefore(watched: Watched, step: 'calledUs' | 'dispatchedUs', few: number, wanted: number): void {
  const exchanges = all(watched, 'exchange');
  assert.equal(peak(exchanges, 'wantedUs'), wanted);
  assert.equal(peak(exchanges, step), few);
  assert.equal(peak(exchanges, 'sentUs'), server.stats().inFlight.max);
}

function limit(watched: Watched, name: string): Limit {
  const limits = all(watched, 'environment').at(-1)!.limits!;
  const found = limits.find((one) => one.of === name && one.blocks !== false);
  assert.ok(found, `${name} is not in ${JSON.stringify(limits)}`);
  return found;
}

function causesOf(watched: Watched) {
  const state = start();
  const evidence = noEvidence();
  for (const record of watched.traces.flat()) {
    if (record.kind === 'exchange') add(state, record);
    collect(evidence, record);
  }
  return finish(state, { evidence }).causes;
}

/** The blocks in whose stack a function of this name is. */
function waitsIn(watched: Watched, name: string) {
  const stacks = new Set(
    all(watched, 'stack')
      .filter((stack) => stack.frames.some((frame) => frame.function === name))
      .map((stack) => stack.id),
  );
  return all(watched, 'block').filter((block) => block.stack !== undefined && stacks.has(block.stack));
}
