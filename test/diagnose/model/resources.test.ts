import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange, Unit } from '../../../src/trace/index.ts';
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
} from '../causes/example.ts';
import { many, us } from '../example.ts';

/** Three threads that take `count` items from a queue, 100 ms each: nothing of theirs is wanted before it is called. */
function taken(count: number): Exchange[] {
  return many(count, (index) => {
    const worker = index % 3;
    const from = 1 + 101 * Math.floor(index / 3);
    return request(
      index + 1,
      { wanted: from, read: from + 100 },
      { thread: 11 + worker, unit: 1 + worker, connection: worker, stack: 1 },
    );
  });
}

const WORKER = stack(1, `${SITE}/requests/api.py:73 get`, '/app/report.py:9 work');
const THREADS: Unit[] = many(3, (index) => ({
  kind: 'unit',
  id: 1 + index,
  pid: 7,
  type: 'thread',
  madeUs: 0,
}));
const PUT = stack(
  2,
  `${STANDARD}/threading.py:355 threading.Condition.wait`,
  `${STANDARD}/queue.py:140 queue.Queue.put`,
  '/app/report.py:12 main',
);

test('a producer that waits for room in a queue wants what it hands over, and the workers that take are the limit', () => {
  const waits = block('futex', 3, 1000, { stack: 2 });
  const verdict = verdictOf(WORKER, PUT, THREADS, taken(30), waits, environment([]));
  assert.equal(verdict.overlap, 'partly');
  assert.equal(verdict.step, 'dispatched');
  assert.equal(verdict.wanted! >= 27, true);
  const [cause, ...others] = verdict.causes;
  assert.equal(cause?.id, 'worker-limit');
  assert.deepEqual(others, []);
  assert.match(
    told(cause),
    /At most 3 at a time: 3 workers .*report\.py:9.* waits in queue\.Queue\.put at report\.py:12/,
  );
});

test('three workers whose producer never waits are all that was wanted', () => {
  const verdict = verdictOf(WORKER, PUT, THREADS, taken(30), environment([]));
  assert.equal(verdict.overlap, 'concurrent');
  assert.deepEqual(verdict.causes, []);
});

/** Ten threads of three requests each, one every 200 ms, after a sleep of 190 ms; each request takes 100 ms. */
const paced = many(30, (index) =>
  request(
    index + 1,
    { wanted: 200 * index + 191, read: 200 * index + 291 },
    { thread: 11 + (index % 10), unit: 1 + (index % 10), connection: index % 10, stack: 1 },
  ),
);
const SLEEP = stack(3, '/app/report.py:8 Host.wait', '/app/report.py:17 work');
const sleeps = (fromMs: (index: number) => number) =>
  many(30, (index) =>
    block('sleep', fromMs(index), fromMs(index) + 190, {
      thread: 11 + (index % 10),
      unit: 1 + (index % 10),
      stack: 3,
    }),
  );

test('threads that sleep in turns before their requests wait for one lock: a rate, with the line that sleeps', () => {
  const verdict = verdictOf(
    WORKER,
    SLEEP,
    paced,
    sleeps((index) => 200 * index),
    environment([]),
  );
  assert.notEqual(verdict.overlap, 'concurrent');
  assert.equal(verdict.step, 'dispatched');
  assert.deepEqual(
    verdict.causes.map(({ id }) => id),
    ['rate-limit'],
  );
  assert.match(told(verdict.causes[0]), /sleeps while it holds a lock, at report\.py:8 \(Host\.wait\)/);
});

test('threads of which most wait for the one that sleeps are no limit, though they take from a queue', () => {
  const putting = block('futex', 3, 6_000, { stack: 2 });
  const inTurns = sleeps((index) => 200 * index);
  assert.deepEqual(idsIn(WORKER, SLEEP, PUT, paced, inTurns, putting, environment([])), ['rate-limit']);
});

test('threads that sleep side by side wait for no lock', () => {
  const asleep = sleeps((index) => 200 * (index - (index % 10)));
  assert.ok(!idsIn(WORKER, SLEEP, paced, asleep, environment([])).includes('rate-limit'));
});

const LOCK = stack(4, `${SITE}/anyio/_core/_synchronization.py:155 Lock.acquire`, '/app/report.py:9 get');

/** 20 tasks wait for a lock, and get it 100 ms after one another; the requests take 500 ms. */
const soonGivenBack = many(20, (index) =>
  request(index + 1, { wanted: 0, dispatched: 100 * (index + 1), read: 100 * (index + 1) + 500 }),
);
const forLock = many(20, (index) => awaiting(index + 1, 0, 100 * (index + 1) - 1, 4));

test('a lock is not blamed where requests go on after its release, and its holder does nothing that is seen', () => {
  assert.deepEqual(idsIn(LOCK, soonGivenBack, forLock, environment([])), ['unexplained']);
});

test('a lock that is held over a computation is blamed, and not said to be held across the request', () => {
  const sums = stack(8, '/app/report.py:20 sums', '/app/report.py:10 get');
  const computing = many(19, (index) =>
    block('cpu', 100 * (index + 1), 100 * (index + 2) - 1, { unit: index + 1, stack: 8 }),
  );
  const [cause] = causesIn(LOCK, sums, soonGivenBack, forLock, computing, environment([]));
  assert.equal(cause?.id, 'lock');
  assert.match(told(cause), /The holder of the lock does other work/);
});

test('a lock that is held across the request is blamed', () => {
  const requests = portions(20, 1);
  const waits = many(19, (index) => awaiting(index + 2, 0, 200 * (index + 1) - 1, 4));
  const [cause] = causesIn(LOCK, requests, waits, environment([]));
  assert.equal(cause?.id, 'lock');
});

test('no lock and no pool is blamed where threads waited for a CPU most of the time, unless all wait for their server', () => {
  const even = portions(20, 1);
  const uneven = even.map((one, index) => (index === 0 ? { ...one, answeredUs: us(40) } : one));
  const waits = many(19, (index) => awaiting(index + 2, 0, 200 * (index + 1) - 1, 4));
  const life = { kind: 'process', pid: 7, startedUs: us(-1000), endedUs: us(4100) } as const;
  const starved = { ...life, runQueueUs: us(3000) };
  const verdict = verdictOf(LOCK, uneven, waits, environment([]), starved);
  assert.deepEqual(verdict.causes, []);
  assert.ok(verdict.facts.some((fact) => /waited for a CPU for 3\.0 s/.test(fact)));
  assert.deepEqual(idsIn(LOCK, uneven, waits, environment([]), { ...life, runQueueUs: us(900) }), ['lock']);
  assert.deepEqual(idsIn(LOCK, even, waits, environment([]), starved), ['lock']);
});

test('a gate of a package that nobody has heard of is named by its class, package and line', () => {
  const gate = stack(
    5,
    `${SITE}/politeness/turnstile.py:12 politeness.Turnstile.enter`,
    '/app/report.py:9 get',
  );
  const waits = many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2) - 1, 5));
  const modules = [{ name: 'politeness', version: '1.2', where: `${SITE}/politeness` }];
  const [cause, ...others] = causesIn(gate, portions(20, 2), waits, environment([], { modules }));
  assert.equal(cause?.id, 'resource-limit');
  assert.deepEqual(others, []);
  assert.match(
    told(cause),
    /At most 2 at a time: the others wait in politeness\.Turnstile\.enter of politeness 1\.2 \(politeness\/turnstile\.py:12\)/,
  );
});

test('what a recorder says of a resource is its size and where it was made', () => {
  const gate = stack(5, '/app/report.py:12 Turnstile.enter', '/app/report.py:9 get');
  const made = stack(6, '/app/report.py:3 main');
  const resource = {
    kind: 'resource',
    id: 1,
    type: 'other',
    name: 'Turnstile',
    capacity: 2,
    setAt: 6,
  } as const;
  const waits = many(18, (index) => ({
    ...awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2) - 1, 5),
    wait: { kind: 'other', call: 'await', resource: 1 } as const,
  }));
  const [cause] = causesIn(gate, made, resource, portions(20, 2), waits, environment([]));
  assert.equal(cause?.id, 'resource-limit');
  assert.equal(cause?.confidence, 'certain');
  assert.match(told(cause), /Turnstile is 2, set at report\.py:3/);
});

test('a throttle that counts those under way is no rate', () => {
  const gate = stack(5, '/app/report.py:12 Throttle.acquire', '/app/report.py:9 get');
  const waits = many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2) - 1, 5));
  assert.deepEqual(idsIn(gate, portions(20, 2), waits, environment([])), ['resource-limit']);
});

test('a program of which only the system calls tell has no event loop to be blocked', () => {
  const requests = many(20, (index) => {
    const {
      wantedUs: _,
      dispatchedUs: __,
      calledUs: ___,
      unit: ____,
      ...seen
    } = request(index + 1, {
      wanted: 100 * index,
      read: 100 * index + 300,
    });
    return seen;
  });
  const writes = many(20, (index) =>
    block('write', 100 * index, 100 * index + 90, { connections: [index + 1] }),
  );
  assert.ok(!idsIn(requests, writes).includes('blocking-call'));
});

test('what a program wants is not settled by the wait of a single one', () => {
  const [first, ...rest] = taken(30);
  const once = { ...block('futex', 0, 90, { thread: 11, unit: 1, stack: 7 }) };
  const late = {
    ...first!,
    wantedUs: us(100),
    calledUs: us(100),
    dispatchedUs: us(100),
    connectedUs: us(100),
  };
  const own = stack(7, '/app/report.py:8 work');
  assert.equal(verdictOf(WORKER, own, THREADS, { ...late, sentUs: us(100) }, rest, once).wanted, 3);
});

/** Ten served requests that come together; each calls another server `lateMs` after the answer of the one before. */
const chained = (lateMs: number) =>
  many(10, (index) => {
    const from = 1 + index * (200 + lateMs);
    return request(index + 1, { wanted: from, read: from + 200 }, { connection: 1, stack: 1 });
  });
const served: Unit[] = many(10, (index) => ({
  kind: 'unit',
  id: index + 1,
  pid: 7,
  type: 'served-request',
  madeUs: us(index / 10),
}));

test('units made together, each of which calls as soon as another has its answer, wanted that from the beginning', () => {
  const verdict = verdictOf(WORKER, served, chained(2), environment([], { language: 'node' }));
  assert.equal(verdict.step, 'dispatched');
  assert.equal(verdict.wanted, 10);
  assert.equal(verdict.causes[0]?.id, 'resource-limit');
});

test('a queue that holds clients is a pool: a task that waits for a client wants its request', () => {
  const client = stack(
    9,
    `${STANDARD}/asyncio/queues.py:158 asyncio.queues.Queue.get`,
    '/app/report.py:8 Pool.get',
    '/app/report.py:12 main',
  );
  const tasks = served.map((unit) => ({ ...unit, type: 'task' as const }));
  const waits = many(9, (index) => awaiting(index + 2, 1, 202 * (index + 1), 9));
  const verdict = verdictOf(WORKER, client, tasks, chained(2), waits, environment([]));
  assert.equal(verdict.wanted, 10);
  assert.equal(verdict.causes[0]?.id, 'semaphore');
});

test('units made together that call whenever they like wait for nothing', () => {
  const verdict = verdictOf(WORKER, served, chained(90), environment([], { language: 'node' }));
  assert.equal(verdict.wanted, 1);
});

test('a limit of connections is found where each goes when another has ended, though it is not always reached', () => {
  const limit = {
    kind: 'connections',
    size: 2,
    of: 'Agent maxTotalSockets',
    setAt: '/app/get.js:5',
  } as const;
  const first = portions(8, 2);
  const second = many(8, (index) =>
    request(index + 9, { wanted: 0, dispatched: 800 + 201 * index, read: 1000 + 201 * index }),
  );
  const [cause] = causesIn(first, second, environment([limit], { language: 'node' }));
  assert.equal(cause?.id, 'connection-limit');
  assert.match(told(cause), /At most 2 at a time: Agent maxTotalSockets is 2/);
});

test('a program that polls for a lock in a file is not paced', () => {
  const poll = stack(9, `${SITE}/filelock/_api.py:1 filelock.FileLock.acquire`, '/app/report.py:6 get');
  const requests = many(10, (index) =>
    request(
      index + 1,
      { wanted: 0, dispatched: 170 * index + 1, read: 170 * index + 101 },
      { thread: 11 + index },
    ),
  );
  const waits = many(9, (index) =>
    block('sleep', 1, 170 * (index + 1), { thread: 12 + index, unit: index + 2, stack: 9 }),
  );
  assert.deepEqual(idsIn(poll, requests, waits, environment([])), ['polled-lock']);
});

test('what is possible follows each unit of work: nothing waits, and each goes on when it has its answer', () => {
  // Three threads, each with ten requests in turn; each waits 100 ms for its connection and takes 100 ms.
  const requests = many(30, (index) => {
    const from = 200 * Math.floor(index / 3);
    return request(
      index + 1,
      { wanted: from, dispatched: from, connected: from + 100, read: from + 200 },
      { thread: 11 + (index % 3), unit: 1 + (index % 3), connection: index, stack: 1 },
    );
  });
  const verdict = verdictOf(WORKER, THREADS, requests, environment([]));
  assert.equal(verdict.wallMs, 2000);
  assert.equal(verdict.possibleWallMs, 1000);
});

/** Of a loop that tells no units apart: three chains of ten requests; each waits 100 ms for its connection and takes 100 ms. */
function looped(goesOnMs: (index: number) => number): Exchange[] {
  const fromMs = [0, 30, 60];
  return many(30, (index) => {
    const chain = index % 3;
    const from = fromMs[chain]!;
    fromMs[chain] = from + 200 + goesOnMs(index);
    const { unit: _, ...own } = request(
      index + 1,
      { wanted: from, dispatched: from, connected: from + 100, read: from + 200 },
      { connection: index, stack: 1 },
    );
    return own;
  });
}

test('what is possible follows each chain of a loop, where requests begin right after answers', () => {
  const verdict = verdictOf(
    WORKER,
    looped(() => 1),
    environment([]),
  );
  assert.ok(verdict.possibleWallMs! < 1200, `${verdict.possibleWallMs} of ${verdict.wallMs}`);
  const late = verdictOf(
    WORKER,
    looped((index) => (index === 13 ? 40 : 1)),
    environment([]),
  );
  assert.ok(late.possibleWallMs! < 1200, 'also where one of them was late');
});

test('requests that begin at any time follow no answer: what is possible lets them begin when they did', () => {
  const { wallMs, possibleWallMs } = verdictOf(
    WORKER,
    looped((index) => 20 + ((7 * index) % 30)),
    environment([]),
  );
  assert.ok(possibleWallMs! > 0.9 * wallMs, `${possibleWallMs} of ${wallMs}`);
});

/** 40 items of an executor, taken by so many threads; each takes 500 ms, and a thread takes 30 ms to be started. */
const startedLate = (threads: number) =>
  many(40, (index) => {
    const from = 30 * (index % threads) + 500 * Math.floor(index / threads);
    return request(
      index + 1,
      { wanted: 0, dispatched: from, read: from + 500 },
      { thread: 11 + (index % threads) },
    );
  });
const notBegun = (threads: number) =>
  startedLate(threads).map(({ id, thread, dispatchedUs }) =>
    queued('executor', 0, dispatchedUs! / 1e3, { unit: id, thread: thread! }),
  );

test('workers of one request each are not too few, however late each of them starts', () => {
  assert.deepEqual(idsIn(startedLate(8), notBegun(8), environment([])), ['worker-limit']);
  assert.ok(!idsIn(startedLate(40), notBegun(40), environment([])).includes('worker-limit'));
});
