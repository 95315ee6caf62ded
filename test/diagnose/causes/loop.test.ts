import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
import {
  block,
  causesIn,
  environment,
  idsIn,
  queued,
  request,
  SITE,
  STANDARD,
  stack,
  told,
  verdictOf,
} from './example.ts';

/** 10 wanted together on one thread, each called when the one before was read. */
const requests = many(10, (index) =>
  request(index + 1, { wanted: 0, dispatched: 200 * index, read: 200 * index + 199 }),
);
const blocks = (call: string, given: (id: number) => object) =>
  many(10, (index) => block(call, 200 * index, 200 * index + 199, { stack: 1, ...given(index + 1) }));
const reading = blocks('read', (id) => ({ descriptors: 1, connections: [id] }));
const synchronous = stack(
  1,
  `${STANDARD}/socket.py:707 socket.SocketIO.readinto`,
  `${SITE}/requests/sessions.py:651 requests.sessions.Session.get`,
  '/app/report.py:11 get',
);

test('blocking-call: a synchronous call on a loop is named with its line and its module', () => {
  const modules = [{ name: 'requests', version: '2.34.2' }];
  const [cause, ...others] = causesIn(requests, synchronous, reading, environment([], { modules }));
  assert.equal(cause?.id, 'blocking-call');
  assert.equal(cause?.confidence, 'certain');
  assert.match(
    told(cause),
    /blocked by a synchronous call at report\.py:11\. It is requests\.sessions\.Session\.get of requests 2\.34\.2/,
  );
  assert.deepEqual(others, []);
});

test('blocking-call: a wait for many descriptors blocks nobody', () => {
  assert.deepEqual(
    idsIn(
      requests,
      synchronous,
      blocks('poll', () => ({ descriptors: 10 })),
    ),
    ['unexplained'],
  );
});

test('blocking-call: threads that each wait for their own answer block nobody', () => {
  const own = requests.map((one) => ({ ...one, thread: 100 + one.id }));
  const waits = blocks('read', (id) => ({ descriptors: 1, connections: [id], thread: 100 + id }));
  assert.deepEqual(idsIn(own, synchronous, waits), ['unexplained']);
});

test('blocking-call: code of Python that runs outside of any task is on no loop: a worker process has none', () => {
  const outside = requests.map(({ unit: _, ...one }) => ({ ...one, stack: 1 }));
  const ids = idsIn(outside, synchronous, reading, environment([]));
  assert.ok(!ids.includes('blocking-call'), `${ids}`);
});

test('what waits in the queue of a pool does not wait for what its threads do', () => {
  const waits = many(9, (index) => queued('executor', 0, 200 * (index + 1), { unit: index + 2 }));
  const limits: Limit[] = [{ kind: 'workers', size: 1, of: 'multiprocessing.pool.ThreadPool processes' }];
  assert.deepEqual(idsIn(requests, synchronous, reading, waits, environment(limits)), ['one-worker']);
});

test('loop-sleeps: a sleep on the loop is named, and one that the loop itself makes is not seen', () => {
  const sleeping = stack(1, '/app/report.py:12 get');
  const [cause] = causesIn(
    requests,
    sleeping,
    blocks('sleep', () => ({})),
  );
  assert.equal(cause?.id, 'loop-sleeps');
  assert.match(told(cause), /report\.py:12/);
  assert.deepEqual(
    idsIn(
      requests,
      sleeping,
      blocks('epoll_wait', () => ({})),
    ),
    ['unexplained'],
  );
});

test('loop-computes: CPU on the loop is named by the line of the program', () => {
  const computing = stack(1, 'node:internal/crypto/pbkdf2:62 pbkdf2Sync', '/app/get.js:5 get');
  const [cause] = causesIn(
    requests,
    computing,
    blocks('cpu', () => ({})),
  );
  assert.equal(cause?.id, 'loop-computes');
  assert.match(told(cause), /busy with CPU in pbkdf2Sync at get\.js:5/);
});

test('loop-computes: CPU that the HTTP library takes for the requests is nobody else`s work', () => {
  const calling = stack(1, 'node:_http_agent:230 addRequest', 'node:https:417 get', '/app/get.js:5 get');
  assert.deepEqual(
    idsIn(
      requests,
      calling,
      blocks('cpu', () => ({})),
    ),
    [],
  );
});

test('client-per-request: CPU in TLS contexts is a client made for every request', () => {
  const making = stack(
    1,
    `${STANDARD}/ssl.py:708 create_default_context`,
    `${SITE}/httpx/_client.py:1402 httpx._client.AsyncClient.__init__`,
    '/app/report.py:11 get',
  );
  const [cause] = causesIn(
    requests,
    making,
    blocks('cpu', () => ({})),
  );
  assert.equal(cause?.id, 'client-per-request');
  assert.match(told(cause), /create_default_context.*report\.py:11/);
});

test('loop-waits-for-child: child processes that are waited for one by one are named, whichever process makes the requests', () => {
  const waiting = stack(1, 'node:child_process:900 execSync', '/app/get.js:4 get');
  const ofChildren = many(10, (index) => {
    const { unit: _, ...one } = request(
      index + 1,
      { wanted: 200 * index + 10, read: 200 * index + 190 },
      { pid: 100 + index },
    );
    return one;
  });
  const [cause, ...others] = causesIn(
    ofChildren,
    waiting,
    blocks('child process', () => ({})),
  );
  assert.equal(cause?.id, 'loop-waits-for-child');
  assert.match(told(cause), /execSync at get\.js:4/);
  assert.deepEqual(others, []);
});

test('a wait on a connection that others use later belongs to the exchange that uses it', () => {
  const call = stack(
    40,
    `${STANDARD}/socket.py:720 readinto`,
    `${SITE}/urllib3/connectionpool.py:534 urlopen`,
    '/app/report.py:6 fetch',
  );
  const requests = many(12, (index) =>
    request(
      index + 1,
      { wanted: 0, dispatched: 200 * index, read: 200 * (index + 1) },
      { connection: 1, ordinal: index },
    ),
  );
  const reads = many(12, (index) =>
    block('read', 200 * index + 1, 200 * (index + 1), {
      connections: [1],
      descriptors: 1,
      stack: 40,
      unit: index + 1,
    }),
  );
  assert.deepEqual(idsIn(call, requests, reads), ['blocking-call']);
});

test('what the program computes while connections open holds them, and is no slow opening', () => {
  const sign = stack(41, '/app/report.py:5 sign', '/app/report.py:9 fetch');
  const requests = many(20, (index) =>
    request(index + 1, { wanted: 0, dispatched: 200 * (index + 1), connected: 4_050, read: 4_250 }),
  );
  const verdict = verdictOf(sign, requests, block('cpu', 0, 4_000, { stack: 41 }));
  assert.deepEqual([verdict.step, verdict.causes[0]?.id], ['sent', 'loop-computes']);
});

test('blocking-call: where a thread stands in several calls at one place, the one of most time is named', () => {
  const read = (index: number) => ({ connections: [index + 1], descriptors: 1, stack: 1 });
  const brief = block('write', 0, 4, read(0));
  const longer = many(10, (index) => block('read', 200 * index + 5, 200 * index + 199, read(index)));
  const [cause] = causesIn(synchronous, requests, brief, longer);
  const seen = cause?.evidence.find(({ kind }) => kind === 'blocks');
  assert.ok(seen?.kind === 'blocks');
  assert.deepEqual([seen.call, seen.descriptors], ['read', 1]);
});

test('loop-sleeps: a sleep over answers that lie in the kernel is named, though all had been sent', () => {
  const sent = many(10, (index) => request(index + 1, { wanted: 0, read: 2_000 }));
  const verdict = verdictOf(
    sent,
    sent.map(({ connection }) => ({
      kind: 'ready' as const,
      connection: connection!,
      atUs: us(300),
      what: 'readable' as const,
    })),
    stack(1, '/app/slow.py:16 get'),
    block('sleep', 20, 1_990, { stack: 1 }),
  );
  assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'read']);
  assert.deepEqual(
    verdict.causes.map(({ id, confidence }) => [id, confidence]),
    [['loop-sleeps', 'certain']],
  );
  assert.match(
    told(verdict.causes[0]),
    /sleep at slow\.py:16 held the thread\. 10 answers lay in the kernel/,
  );
});

test('connections that are opened while a loop is blocked are not told by how long that took', () => {
  const calls = many(30, (index) =>
    request(index + 1, { wanted: 0, dispatched: 200 * index, read: 200 * index + 199 }),
  );
  const reads = many(30, (index) =>
    block('read', 200 * index, 200 * index + 199, { stack: 1, descriptors: 1, connections: [index + 1] }),
  );
  const others = many(87, (index) => {
    const at = 200 * Math.floor(index / 3);
    return request(index + 101, { wanted: at + 1, connected: at + 399, read: at + 400 });
  });
  const ids = idsIn(calls, others, synchronous, reads, environment([]));
  assert.deepEqual(ids, ['blocking-call']);
  assert.ok(idsIn(calls, others, synchronous, environment([])).includes('connection-per-request'));
});

test('cpu-quota: a control group that stops the program is named, with for how long', () => {
  const late = many(10, (index) =>
    request(index + 1, { wanted: 0, dispatched: 200 * index, read: 200 * index + 100 }),
  );
  const throttled = (ms: number) => ({
    kind: 'process' as const,
    pid: 7,
    argv: ['/app/report'],
    throttledUs: us(ms),
  });
  const [cause, ...others] = causesIn(late, throttled(1_500));
  assert.equal(cause?.id, 'cpu-quota');
  assert.match(told(cause), /A quota of CPU time held the program back for 1\.5 s/);
  assert.deepEqual(others, []);
  assert.ok(!idsIn(late, throttled(100)).includes('cpu-quota'));
});

test('loop-sleeps: a loop that stood still and did not compute sleeps, though its stack names no sleep', () => {
  const pause = stack(1, '/app/program.cjs:26 pause', '/app/program.cjs:29 gently');
  const still = blocks('loop', () => ({ unit: undefined }));
  assert.deepEqual(idsIn(pause, requests, still, environment([], { language: 'node' })), ['loop-sleeps']);
});

test('loop-sleeps: a loop that stood still within the client itself was stopped, and did not sleep', () => {
  const client = stack(1, 'node:internal/deps/undici/undici:7820 onHttpSocketReadable');
  const still = blocks('loop', () => ({ unit: undefined }));
  assert.deepEqual(idsIn(client, requests, still, environment([], { language: 'node' })), ['unexplained']);
});
