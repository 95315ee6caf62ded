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
  request,
  SITE,
  STANDARD,
  stack,
  told,
} from './example.ts';

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

test('lock: a lock for each host is not one lock', () => {
  const waits = [
    stack(1, '/app/report.py:14 get', `${STANDARD}/asyncio/locks.py:113 asyncio.locks.Lock.acquire`),
    ...many(18, (index) =>
      block('lock', 0, 200 * (Math.floor(index / 2) + 1), {
        thread: 101,
        unit: index + 3,
        stack: 1,
        wait: { kind: 'lock', call: 'lock', resource: 70 + (index % 2) },
      }),
    ),
  ];
  const [cause] = causesIn(portions(20, 2), waits);
  assert.equal(cause?.id, 'lock');
  assert.match(told(cause), /18 requests waited for 2 locks/);
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

test('semaphore: a capacity limiter lets so many through, whatever the time', () => {
  const limiter = stack(
    60,
    `${SITE}/anyio/_backends/_asyncio.py:2007 anyio._backends._asyncio.CapacityLimiter.acquire_on_behalf_of`,
    '/app/report.py:8 fetch',
  );
  const waits = many(18, (index) => awaiting(index + 3, 0, 200 * Math.floor((index + 2) / 2), 60));
  assert.deepEqual(idsIn(limiter, portions(20, 2), waits), ['semaphore']);
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
