import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
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

const perHost: Limit = {
  kind: 'connections-per-host',
  size: 2,
  of: 'aiohttp connector limit_per_host',
  setAt: '/app/report.py:17',
};
const waitingForConnection = [
  stack(
    1,
    `${SITE}/aiohttp/connector.py:717 aiohttp.connector.BaseConnector._wait_for_available_connection`,
    `${SITE}/aiohttp/client.py:900 aiohttp.client.ClientSession._request`,
    '/app/report.py:11 get',
  ),
  ...many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 1)),
];

test('connection-limit: a pool is named with its limit and where it was set, where the waits stand in it', () => {
  const [cause, ...others] = causesIn(portions(20, 2), waitingForConnection, environment([perHost]));
  assert.equal(cause?.id, 'connection-limit');
  assert.equal(cause?.confidence, 'certain');
  assert.match(
    told(cause),
    /At most 2 at a time: aiohttp connector limit_per_host is 2, set at report\.py:17/,
  );
  assert.deepEqual(cause.evidence[0], { kind: 'limit', limit: perHost });
  assert.deepEqual(cause.places.map(({ file, line, own }) => [file, line, own]).slice(0, 1), [
    ['/app/report.py', 17, true],
  ]);
  assert.ok(cause.share > 0.8);
  assert.deepEqual(others, []);
});

test('connection-limit: a plateau as high as a limit is likely its doing, a limit of another size is not', () => {
  const maxSockets: Limit = {
    kind: 'connections-per-host',
    size: 2,
    of: 'http.Agent maxSockets',
    setAt: '/app/get.js:3',
  };
  assert.equal(causesIn(portions(20, 2), environment([maxSockets]))[0]?.confidence, 'likely');
  assert.deepEqual(idsIn(portions(20, 2), environment([{ ...maxSockets, size: 5 }])), ['unexplained']);
});

test('connection-limit: the module that set a limit is named', () => {
  const where = '/app/node_modules/polite-agent/index.cjs:6';
  const modules = [{ name: 'polite-agent', version: '1.0.0', where: '/app/node_modules/polite-agent' }];
  const set = environment(
    [{ kind: 'connections-per-host', size: 2, of: 'http.Agent maxSockets', setAt: where }],
    { modules },
  );
  assert.match(
    told(causesIn(portions(20, 2), set)[0]!),
    /maxSockets is 2, set by polite-agent 1\.0\.0 at polite-agent\/index\.cjs:6/,
  );
});

test('connection-limit: a pool that does not block is no limit', () => {
  const limits: Limit[] = [{ kind: 'connections', size: 2, of: 'urllib3 pool_maxsize', blocks: false }];
  assert.deepEqual(idsIn(portions(20, 2), environment(limits)), ['unexplained']);
});

test('requests that overlap have no cause, whatever limits there are', () => {
  assert.deepEqual(idsIn(portions(20, 20), environment([{ ...perHost, size: 20 }])), []);
});

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

test('semaphore: a semaphore is named with its size, and where it is entered', () => {
  const semaphore: Limit = { kind: 'permits', size: 2, of: 'asyncio.Semaphore', setAt: '/app/report.py:5' };
  const waits = [
    stack(1, `${STANDARD}/asyncio/locks.py:386 asyncio.locks.Semaphore.acquire`, '/app/report.py:11 get'),
    ...many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 1)),
  ];
  const [cause] = causesIn(portions(20, 2), waits, environment([semaphore]));
  assert.equal(cause?.id, 'semaphore');
  assert.match(
    told(cause),
    /asyncio\.locks\.Semaphore\.acquire, entered at report\.py:11\. asyncio\.Semaphore is 2/,
  );
  // The same plateau without anybody seen waiting for it:
  assert.deepEqual(idsIn(portions(20, 2), environment([semaphore])), ['unexplained']);
});

test('rate-limit: a rate limiter is a limit that somebody set', () => {
  const waits = [
    stack(
      1,
      `${SITE}/aiolimiter/leakybucket.py:154 aiolimiter.leakybucket.AsyncLimiter.acquire`,
      '/app/report.py:11 get',
    ),
    ...many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 1)),
  ];
  const [cause] = causesIn(portions(20, 2), waits);
  assert.equal(cause?.id, 'rate-limit');
  assert.match(told(cause), /a limit that somebody set/);
});

test('rate-limit: a sleep in a package of that name is a rate, though its function is called otherwise', () => {
  const sleeping = stack(1, `${SITE}/ratelimit/decorators.py:115 wrapper`, '/app/report.py:7 get');
  const requests = many(12, (index) => {
    const turn = 1_000 * Math.floor(index / 4);
    return request(
      index + 1,
      { wanted: 0, dispatched: turn, read: turn + 50 },
      { thread: 100 + index, calledUs: us(turn) },
    );
  });
  const sleeps = many(8, (index) =>
    block('sleep', 0, 1_000 * Math.floor((index + 4) / 4), { thread: 104 + index, stack: 1 }),
  );
  assert.deepEqual(idsIn(sleeping, requests, sleeps), ['rate-limit']);
});

test('rate-limit: a queue whose calls come in bursts, by the clock, is no queue that is too short', () => {
  const calling = stack(
    1,
    'node:internal/deps/undici/undici:1 fetch',
    '/app/get.js:6 get',
    '/app/node_modules/p-queue/dist/index.js:105 PQueue.run',
  );
  const bursts = many(20, (index) => {
    const turn = 500 * Math.floor(index / 4);
    return request(index + 1, { wanted: 0, dispatched: turn, read: turn + 50 }, { stack: 1 });
  });
  const [cause, ...others] = causesIn(calling, bursts, environment([], { language: 'node' }));
  assert.equal(cause?.id, 'rate-limit');
  assert.match(told(cause), /p-queue, which lets some through every 0\.5 s/);
  assert.deepEqual(others, []);
});

test('queue: a queue of a Node package is known by late calls, not by calls alone', () => {
  const calling = stack(
    1,
    'node:internal/deps/undici/undici:1 fetch',
    '/app/get.js:6 get',
    '/app/node_modules/p-queue/dist/index.js:105 PQueue.run',
  );
  const queue = portions(20, 2, () => ({ stack: 1 }));
  const modules = [{ name: 'p-queue', version: '6.6.2', where: '/app/node_modules/p-queue' }];
  const [cause] = causesIn(calling, queue, environment([], { language: 'node', modules }));
  assert.equal(cause?.id, 'queue');
  assert.match(told(cause), /At most 2 at a time.* p-queue 6\.6\.2/);
  const called = queue.map((one) => ({ ...one, calledUs: one.wantedUs! }));
  assert.deepEqual(idsIn(calling, called), ['unexplained']);
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

test('lock: a lock that is held across the request is named by the line that wants it', () => {
  const waits = [
    stack(1, '/app/report.py:14 get', `${STANDARD}/concurrent/futures/thread.py:58 _WorkItem.run`),
    ...many(19, (index) =>
      block('futex', 0, 200 * (index + 1), { thread: 101 + index, unit: index + 2, stack: 1 }),
    ),
  ];
  const requests = portions(20, 1, (id) => ({ thread: 99 + id }));
  const [cause] = causesIn(requests, waits);
  assert.equal(cause?.id, 'lock');
  assert.match(told(cause), /19 requests waited for one lock at report\.py:14/);
  // A thread that waits for the result of another has no lock:
  const results = [
    stack(
      1,
      `${STANDARD}/threading.py:355 threading.Condition.wait`,
      `${STANDARD}/concurrent/futures/_base.py:451 concurrent.futures._base.Future.result`,
      '/app/report.py:14 get',
    ),
    ...waits.slice(1),
  ];
  assert.deepEqual(idsIn(requests, results), ['unexplained']);
});

test('resource-limit: a program that had the work and did not call holds it back itself', () => {
  const calling = stack(1, 'node:internal/deps/undici/undici:1 fetch', '/app/get.js:6 get');
  const language = environment([], { language: 'node' });
  const [cause] = causesIn(
    calling,
    portions(20, 2, () => ({ stack: 1 })),
    language,
  );
  assert.equal(cause?.id, 'resource-limit');
  assert.match(
    told(cause),
    /At most 2 at a time: the program holds the others back itself, before the call at get\.js:6/,
  );
  const called = portions(20, 2, () => ({ stack: 1, calledUs: 0 }));
  assert.deepEqual(idsIn(calling, called, language), ['unexplained']);
  // One short wait for a promise does not say that all waits would be seen.
  const short = awaiting(1, 0, 4, 1);
  assert.deepEqual(
    idsIn(
      calling,
      portions(20, 2, () => ({ stack: 1 })),
      short,
      language,
    ),
    ['resource-limit'],
  );
});

test('resource-limit: what the program does before the first of all requests does not hide a limit', () => {
  const calling = stack(1, 'node:internal/deps/undici/undici:1 fetch', '/app/get.js:6 get');
  const late = portions(20, 4, () => ({ stack: 1 })).map((one) => ({
    ...one,
    calledUs: one.calledUs! + us(900),
    dispatchedUs: one.dispatchedUs! + us(900),
    connectedUs: one.connectedUs! + us(900),
    sentUs: one.sentUs! + us(900),
    readUs: one.readUs! + us(900),
  }));
  assert.deepEqual(idsIn(calling, late, environment([], { language: 'node' })), ['resource-limit']);
});

test('resource-limit: a gate that the program makes of a condition is named where it waits', () => {
  const gate = stack(
    9,
    `${STANDARD}/threading.py:355 threading.Condition.wait`,
    '/app/report.py:8 Turnstile.__enter__',
    '/app/report.py:14 fetch',
  );
  const waits = many(18, (index) =>
    block('futex', 0, 200 * Math.floor((index + 2) / 2), { thread: 100 + index + 3, stack: 9 }),
  );
  const [cause] = causesIn(
    gate,
    portions(20, 2, (id) => ({ thread: 100 + id, unit: id })),
    waits,
  );
  assert.equal(cause?.id, 'resource-limit');
  assert.match(told(cause), /At most 2 at a time: .*in Turnstile\.__enter__ \(report\.py:8\)/);
});

test('resource-limit: a gate of which a busy machine leaves places free for a while is named, too', () => {
  const gate = stack(9, '/app/report.py:8 Turnstile.__aenter__', '/app/report.py:14 fetch');
  // Two go at once and end together; one of the next two is begun late.
  const requests = many(20, (index) => {
    const turn = Math.floor(index / 2);
    const fromMs = 200 * turn + (turn > 0 && index % 2 === 1 ? 110 : 0);
    return request(index + 1, { wanted: 0, dispatched: fromMs, read: 200 * (turn + 1) - 1 });
  });
  const waits = requests.slice(2).map((one) => awaiting(one.unit!, 0, one.dispatchedUs! / 1_000, 9));
  const [cause] = causesIn(gate, requests, waits, environment([]));
  assert.equal(cause?.id, 'resource-limit');
  assert.match(told(cause), /At most 2 at a time/);
});

test('resource-limit: coroutines that wait for a blocked loop are not held back by the program', () => {
  const asking = stack(9, '/app/report.py:10 get');
  const blocking = stack(
    10,
    `${STANDARD}/socket.py:707 socket.SocketIO.readinto`,
    `${SITE}/requests/api.py:73 get`,
    '/app/report.py:10 get',
    '/app/report.py:14 main',
  );
  const waits = many(19, (index) => awaiting(index + 2, 0, 200 * (index + 1), 9));
  const reads = many(20, (index) =>
    block('read', 200 * index + 1, 200 * (index + 1) - 1, { connections: [1], descriptors: 1, stack: 10 }),
  );
  const requests = portions(20, 1, () => ({ stack: 9 }));
  const [cause, ...others] = causesIn(asking, blocking, requests, waits, reads, environment([]));
  assert.equal(cause?.id, 'blocking-call');
  assert.deepEqual(others, []);
  // With a loop that is free the same waits are a gate.
  assert.deepEqual(idsIn(asking, requests, waits, environment([])), ['resource-limit']);
});

/** 20 handed over together, called 150 ms apart; each takes 200 ms, or 150. */
const paced = (tookMs: number) =>
  many(20, (index) => {
    const dispatched = 150 * (index + 1);
    return request(index + 1, { wanted: 0, dispatched, read: dispatched + tookMs });
  });

test('pacing: a pace that the program keeps by the clock is no limit, and is said', () => {
  const [cause, ...others] = causesIn(paced(200), environment([]));
  assert.equal(cause?.id, 'pacing');
  assert.match(told(cause), /one request every 0\.15 s, by the clock/);
  assert.deepEqual(others, []);
});

test('pacing: calls that follow the end of another, or a thread that is held, are no pace', () => {
  assert.ok(!idsIn(paced(150)).includes('pacing'));
  assert.ok(!idsIn(paced(120)).includes('pacing'), 'nor those that take a moment to follow');
  const sleeps = many(20, (index) => block('sleep', 150 * index, 150 * (index + 1)));
  assert.deepEqual(idsIn(paced(200), sleeps), ['loop-sleeps']);
});

test('pacing: a pool that is full has the rhythm of its answers, and is no pace', () => {
  const two = environment([{ kind: 'connections-per-host', size: 2, of: 'http.Agent maxSockets' }]);
  assert.ok(!idsIn(paced(200), two).includes('pacing'));
});

test('unread-bodies: slots that are never given back are no limit that is too small', () => {
  const unread = many(20, (index) =>
    index < 4
      ? request(index + 1, { wanted: 0, answered: 100, read: 100 }, { readUs: null })
      : request(
          index + 1,
          { wanted: 0, read: 0 },
          {
            dispatchedUs: null,
            connectedUs: null,
            sentUs: null,
            answeredUs: null,
            readUs: null,
            connection: null,
          },
        ),
  );
  const end = { kind: 'end', endedUs: us(3_000), lost: {} } as const;
  const pool = environment([
    { kind: 'connections', size: 4, of: 'undici Agent connections', setAt: '/app/report.js:5' },
  ]);
  assert.equal(idsIn(unread, end, pool)[0], 'unread-bodies');
  assert.ok(!idsIn(unread, end, pool).includes('connection-limit'));
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

test('connection-limit: as many in flight as a pool allows is likely its doing, where nobody saw them let go', () => {
  const late = many(20, (index) => {
    const sent = 200 * Math.floor(index / 4);
    return request(index + 1, { wanted: 0, dispatched: 0, connected: sent, read: sent + 200 });
  });
  const pool = (size: number) => environment([{ kind: 'connections', size, of: 'undici Agent connections' }]);
  const [cause] = causesIn(late, pool(4));
  assert.deepEqual([cause?.id, cause?.confidence], ['connection-limit', 'likely']);
  assert.match(told(cause), /At most 4 at a time: undici Agent connections is 4\. Up to 16 others waited/);
  assert.ok(!idsIn(late, pool(8)).includes('connection-limit'));
});

test('semaphore: a capacity limiter lets so many through, whatever the time', () => {
  const limiter = stack(
    60,
    `${SITE}/anyio/_backends/_asyncio.py:2007 anyio._backends._asyncio.CapacityLimiter.acquire_on_behalf_of`,
    '/app/report.py:8 fetch',
  );
  const waits = many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 60));
  assert.deepEqual(idsIn(limiter, portions(20, 2), waits), ['semaphore']);
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

test('polled-lock: a unit that sleeps in the code of a lock, or at one line until another one ends, waits for a lock', () => {
  const poll = stack(9, `${SITE}/redis/lock.py:209 redis.lock.Lock.acquire`, '/app/report.py:6 get');
  const database = stack(9, '/app/report.py:6 get');
  const waits = (tillMs: (index: number) => number) =>
    many(19, (index) => block('sleep', 0, tillMs(index), { thread: 101 + index, unit: index + 2, stack: 9 }));
  const requests = portions(20, 1, (id) => ({ thread: 99 + id }));
  const tillEnd = waits((index) => 200 * (index + 1) - 1);
  const [cause] = causesIn(poll, requests, tillEnd, environment([]));
  assert.deepEqual([cause?.id, cause?.confidence], ['polled-lock', 'certain']);
  assert.match(told(cause), /19 requests waited for one lock \(redis\.lock\.Lock\.acquire\) at report\.py:6/);
  const [guess] = causesIn(database, requests, tillEnd, environment([]));
  assert.deepEqual([guess?.id, guess?.confidence], ['polled-lock', 'likely']);
  // The lock of a database is not the one of redis, whose page is the reference.
  assert.match(cause?.reference?.url ?? '', /redis/);
  assert.equal(guess?.reference, null);
  // Two at a time share no lock:
  const two = portions(20, 2, (id) => ({ thread: 99 + id }));
  const tillTwo = waits((index) => 200 * Math.floor((index + 1) / 2) - 1).slice(1);
  assert.ok(!idsIn(database, two, tillTwo, environment([])).includes('polled-lock'));
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

test('resource-limit: a program that makes the next unit of work when another has ended is named by that line', () => {
  const making = stack(1, '/app/report.py:9 main');
  const units = many(12, (index) => ({
    kind: 'unit' as const,
    id: index + 1,
    pid: 7,
    type: 'executor-item' as const,
    madeUs: us(102 * Math.floor(index / 3)),
    madeAt: 1,
  }));
  const asking = stack(2, '/app/report.py:4 get');
  const requests = many(12, (index) => {
    const fromMs = 102 * Math.floor(index / 3) + 1;
    return request(
      index + 1,
      { wanted: fromMs, read: fromMs + 100 + (index % 3) },
      { stack: 2, thread: 100 + (index % 3), url: `https://example.com/${index}`, from: [] },
    );
  });
  const [cause, ...others] = causesIn(making, asking, units, requests, environment([]));
  assert.deepEqual([cause?.id, others], ['resource-limit', []]);
  assert.match(
    told(cause),
    /At most 3 at a time: the program starts the next one only when another has ended, at report\.py:9/,
  );
});

test('a limit is not hidden by those that count twice for a moment, as one ends and the next is let go', () => {
  const limit = { kind: 'connections-per-host', size: 2, of: 'pycurl M_MAX_HOST_CONNECTIONS' } as const;
  const handedOn = portions(20, 2).map((one) => ({
    ...one,
    dispatchedUs: Math.max(0, one.dispatchedUs! - 2_000),
  }));
  const [cause] = causesIn(handedOn, environment([limit]));
  assert.equal(cause?.id, 'connection-limit');
  assert.match(told(cause), /At most 2 at a time/);
});
