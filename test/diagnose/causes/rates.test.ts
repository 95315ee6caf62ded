import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  stack,
  told,
} from './example.ts';

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

/** 20 handed over together, called 150 ms apart; each takes 200 ms, or 150. */
const paced = (tookMs: number) =>
  many(20, (index) => {
    const dispatched = 150 * (index + 1);
    return request(index + 1, { wanted: 0, dispatched, read: dispatched + tookMs });
  });
