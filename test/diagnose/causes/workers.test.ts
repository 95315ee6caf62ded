import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { many } from '../example.ts';
import {
  awaiting,
  block,
  causesIn,
  environment,
  idsIn,
  portions,
  queued,
  request,
  SITE,
  STANDARD,
  stack,
  told,
  verdictOf,
} from './example.ts';

const waitingForConnection = [
  stack(
    1,
    `${SITE}/aiohttp/connector.py:717 aiohttp.connector.BaseConnector._wait_for_available_connection`,
    `${SITE}/aiohttp/client.py:900 aiohttp.client.ClientSession._request`,
    '/app/report.py:11 get',
  ),
  ...many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 1)),
];

test('worker-limit: a pool of workers is named, and that it is as large as the number of CPUs', () => {
  const workers: Limit = {
    kind: 'workers',
    size: 4,
    of: 'ThreadPoolExecutor max_workers',
    setAt: '/app/report.py:9',
  };
  const waits = many(16, (index) =>
    queued('executor', 0, 200 * Math.floor((index + 4) / 4), {
      unit: index + 5,
      stack: 1,
    }),
  );
  const [cause] = causesIn(
    portions(20, 4, (id) => ({ unit: id })),
    stack(
      1,
      `${STANDARD}/concurrent/futures/thread.py:176 ThreadPoolExecutor.submit`,
      '/app/report.py:10 main',
    ),
    waits,
    environment([workers]),
  );
  assert.equal(cause?.id, 'worker-limit');
  assert.equal(cause?.confidence, 'certain');
  assert.match(told(cause), /max_workers is 4, set at report\.py:9, as many as CPUs/);
});

test('worker-limit: workers that something else than requests keeps are not surely too few', () => {
  const turns = many(20, (index) => ({ index, fromMs: 200 * Math.floor(index / 2) }));
  const short = turns.map(({ index, fromMs }) =>
    request(
      index + 1,
      { wanted: 0, dispatched: fromMs, read: fromMs + 50 },
      { connection: (index % 2) + 1, thread: (index % 2) + 1 },
    ),
  );
  const waits = turns
    .slice(2)
    .map(({ index, fromMs }) => queued('executor', 0, fromMs, { unit: index + 1, thread: (index % 2) + 1 }));
  const size: Limit = { kind: 'workers', size: 2, of: 'ThreadPoolExecutor max_workers' };
  const [cause] = causesIn(short, waits, environment([size]));
  assert.deepEqual([cause?.id, cause?.confidence], ['worker-limit', 'likely']);
  assert.match(told(cause), /Its workers were in requests for \d+% of their time only/);
});

test('worker-limit: where workers and connections have the same limit, the queue that was waited in decides', () => {
  const limits: Limit[] = [
    { kind: 'workers', size: 2, of: 'ThreadPoolExecutor max_workers' },
    { kind: 'connections', size: 2, of: 'requests HTTPAdapter pool_maxsize', blocks: true },
  ];
  const waits = many(18, (index) =>
    queued('executor', 0, 200 * Math.floor((index + 2) / 2), { unit: index + 3 }),
  );
  assert.deepEqual(idsIn(portions(20, 2), waits, environment(limits)), ['worker-limit']);
  assert.deepEqual(idsIn(portions(20, 2), waitingForConnection, environment(limits)), ['connection-limit']);
});

test('one-worker: one worker is called so', () => {
  const workers: Limit = {
    kind: 'workers',
    size: 1,
    of: 'ThreadPoolExecutor max_workers',
    setAt: '/app/report.py:9',
  };
  assert.deepEqual(idsIn(portions(10, 1), environment([workers])), ['one-worker']);
});

test('chunks: few items of work that each make many requests are named, with the workers that have nothing to do', () => {
  const asking = stack(1, '/app/report.py:7 get');
  const items = many(3, (index) => ({
    kind: 'unit' as const,
    pid: 7,
    id: index + 1,
    type: 'executor-item' as const,
    madeUs: 0,
  }));
  const requests = portions(18, 3, (id) => ({ unit: ((id - 1) % 3) + 1, stack: 1, thread: 100 + (id % 3) }));
  const workers: Limit = { kind: 'workers', size: 8, of: 'ProcessPoolExecutor max_workers' };
  const [cause, ...others] = causesIn(asking, items, requests, environment([workers]));
  assert.deepEqual([cause?.id, others], ['chunks', []]);
  assert.match(
    told(cause),
    /At most 3 at a time: 3 items of work make all 18 requests, each one after another \(report\.py:7\)\. .* max_workers is 8/,
  );
  // Nothing waits for a worker where each item has one.
  const enough: Limit = { ...workers, size: 3 };
  assert.deepEqual(idsIn(asking, items, requests, environment([enough])), ['chunks']);
  // Where each makes one of them, something else lets so few through.
  const ids = idsIn(
    asking,
    portions(18, 3, (id) => ({ stack: 1, thread: 100 + id })),
    environment([workers]),
  );
  assert.ok(!ids.includes('chunks'), `${ids}`);
});

test('workers that were there before the work overlap as far as they ask, and are said to be so many', () => {
  /** Two workers, each asks for the next when it has read the last. */
  const taken = many(20, (index) => {
    const wanted = 200 * Math.floor(index / 2);
    return request(index + 1, { wanted, read: wanted + 199 }, { thread: 100 + (index % 2) });
  });
  const pool = (size: number) =>
    environment([
      { kind: 'workers', size, of: 'multiprocessing.pool.Pool processes', setAt: '/app/report.py:7' },
    ]);
  const facts = (size: number) => verdictOf(taken, pool(size)).facts;
  assert.equal(verdictOf(taken, pool(2)).overlap, 'concurrent');
  assert.ok(
    facts(2).some((fact) => /Never more than 2 .*Pool processes is 2, set at report\.py:7/.test(fact)),
  );
  assert.deepEqual(facts(8), []);
});

test('worker-limit: workers are named by the waits in their queue, though not all were busy all the time', () => {
  const loaded = many(20, (index) => {
    const dispatched = 300 * Math.floor(index / 4) + 60 * (index % 4);
    return request(index + 1, { wanted: 0, dispatched, read: dispatched + 110 }, { unit: index });
  });
  const waits = loaded.slice(1).map(({ dispatchedUs, unit }) => ({
    ...queued('executor', 0, dispatchedUs! / 1_000, { stack: 70 }),
    unit: unit!,
  }));
  const submit = stack(
    70,
    `${STANDARD}/concurrent/futures/thread.py:176 submit`,
    '/app/report.py:9 <module>',
  );
  const pool = environment([
    { kind: 'workers', size: 2, of: 'ThreadPoolExecutor max_workers', setAt: '/app/report.py:9' },
  ]);
  const [cause] = causesIn(loaded, waits, submit, pool);
  assert.equal(cause?.id, 'worker-limit');
});

test('framework-executor: the package that hands all to one thread is named, and not the program that does so', () => {
  const handing = (...by: readonly string[]) =>
    stack(
      9,
      `${STANDARD}/concurrent/futures/thread.py:176 ThreadPoolExecutor.submit`,
      ...by,
      '/app/report.py:5 main',
    );
  const workers = {
    kind: 'workers',
    size: 1,
    of: 'ThreadPoolExecutor max_workers',
    setAt: '/app/report.py:2',
  } as const;
  const waits = many(19, (index) => queued('executor', 0, 200 * (index + 1), { unit: index + 2, stack: 9 }));
  const requests = portions(20, 1);
  const framework = handing(
    `${STANDARD}/asyncio/base_events.py:820 BaseEventLoop.run_in_executor`,
    `${SITE}/asgiref/sync.py:567 asgiref.sync.SyncToAsync.__call__`,
  );
  // A package that has a pool of its own, and no loop, is no framework.
  const player = handing(`${SITE}/streamlink/hls.py:222 streamlink.hls.Writer.put`);
  assert.deepEqual(idsIn(player, requests, waits, environment([workers])), ['one-worker']);
  const [cause, ...others] = causesIn(framework, requests, waits, environment([workers]));
  assert.equal(cause?.id, 'framework-executor');
  assert.deepEqual(others, []);
  assert.match(
    told(cause),
    /asgiref runs synchronous code on one thread \(asgiref\.sync\.SyncToAsync\.__call__/,
  );
  assert.deepEqual(idsIn(handing(), requests, waits, environment([workers])), ['one-worker']);
});

test('framework-executor: one thread for each request that is served is one thread, too', () => {
  const handing = stack(
    9,
    `${STANDARD}/concurrent/futures/thread.py:176 ThreadPoolExecutor.submit`,
    `${STANDARD}/asyncio/base_events.py:900 run_in_executor`,
    `${SITE}/asgiref/sync.py:567 asgiref.sync.SyncToAsync.__call__`,
    '/app/report.py:5 main',
  );
  const executors = many(3, (index) => ({
    kind: 'resource' as const,
    id: index + 1,
    pid: 7,
    type: 'executor' as const,
    capacity: 1,
  }));
  const waits = many(15, (index) =>
    block('', 0, 200 * Math.floor((index + 3) / 3), {
      unit: index + 4,
      stack: 9,
      wait: { kind: 'executor', call: 'executor-item', resource: (index % 3) + 1 },
    }),
  );
  const workers: Limit = { kind: 'workers', size: 1, of: 'ThreadPoolExecutor max_workers' };
  const [cause] = causesIn(handing, executors, portions(18, 3), waits, environment([workers]));
  assert.deepEqual([cause?.id, cause?.confidence], ['framework-executor', 'certain']);
});

test('worker-limit: a pool is named, too, where there are fewer than two turns for each of its workers', () => {
  const workers: Limit = { kind: 'workers', size: 12, of: 'ThreadPoolExecutor max_workers' };
  const requests = portions(20, 12, (id) => ({ thread: 100 + ((id - 1) % 12) }));
  const waits = many(8, (index) => queued('executor', 0, 200, { unit: 13 + index, thread: 100 + index }));
  assert.deepEqual(idsIn(requests, waits, environment([workers])), ['worker-limit']);
});
