import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
import {
  block,
  causesIn,
  connection,
  environment,
  idsIn,
  portions,
  request,
  SITE,
  stack,
  told,
  verdictOf,
} from './example.ts';

/** 4 workers, 80 requests: each opens a connection in 100 ms, and is answered in 50 ms. */
const opened = many(80, (index) => {
  const from = 150 * Math.floor(index / 4);
  return request(index + 1, { wanted: from, dispatched: from, connected: from + 100, read: from + 150 });
});

test('connection-per-request: a new connection for each request is named, and where keep-alive is off', () => {
  const limits: Limit[] = [
    { kind: 'keep-alive', size: 0, of: 'https.Agent keepAlive', setAt: '/app/get.js:3' },
  ];
  const handshakes = opened.map(({ id, connectedUs }) =>
    connection(id, { tlsStartUs: connectedUs! - 90_000, tlsDoneUs: connectedUs! }),
  );
  const [cause, ...others] = causesIn(opened, handshakes, environment(limits));
  assert.equal(cause?.id, 'connection-per-request');
  assert.match(
    told(cause),
    /80 connections for 80 requests.*get\.js:3.*76 could have reused one.*TLS handshake of 0\.1 s/,
  );
  assert.ok(cause.share > 0.5);
  assert.deepEqual(others, []);
});

test('connection-per-request: so are connections that are given up and opened again, though most are used twice', () => {
  const churned = many(120, (index) =>
    request(
      index + 1,
      {
        wanted: 20 * index,
        dispatched: 20 * index,
        connected: 20 * index + (index % 3 === 0 ? 16 : 0),
        read: 20 * index + 18,
      },
      { connection: Math.floor(index / 3), ordinal: index % 3 },
    ),
  );
  const [cause] = causesIn(churned);
  assert.equal(cause?.id, 'connection-per-request');
  assert.match(told(cause), /New connections again and again: 40 connections for 120 requests/);
});

test('connection-per-request: connections that are all needed at once are no habit', () => {
  const together = many(20, (index) =>
    request(index + 1, { wanted: 0, dispatched: 0, connected: 900, read: 1_000 }),
  );
  assert.ok(!idsIn(together).includes('connection-per-request'));
});

test('unread-bodies: answers that are never read keep their connections, and the rest is never sent', () => {
  const unread = many(2, (index) => ({
    ...request(index + 1, { wanted: 0, answered: 200, read: 3_000 }),
    readUs: null,
    failedUs: us(3_000),
    error: 'closed before the body was read',
  }));
  const never = many(8, (index) => ({
    ...request(index + 3, { wanted: 0, read: 3_000 }, { connection: null }),
    calledUs: 0,
    dispatchedUs: null,
    connectedUs: null,
    sentUs: null,
    answeredUs: null,
    readUs: null,
    failedUs: us(3_000),
    error: 'TimeoutError',
  }));
  const limits: Limit[] = [
    { kind: 'connections', size: 2, of: 'aiohttp connector limit', setAt: '/app/report.py:16' },
  ];
  const [cause] = causesIn(unread, never, environment(limits));
  assert.equal(cause?.id, 'unread-bodies');
  assert.match(told(cause), /2 answers came and their bodies were not read.*8 requests were never sent/);
  // The same limit, with all bodies read:
  assert.deepEqual(idsIn(portions(10, 2), environment(limits)), ['connection-limit']);
});

test('nagle: a second small write that the kernel holds back is Nagle`s', () => {
  const byFirst = (ms: number) =>
    many(10, (index) =>
      request(
        index + 1,
        { wanted: 0, dispatched: 60 * index, read: 60 * index + (index === 0 ? ms : 59) },
        { connection: 1 },
      ),
    );
  const slow = byFirst(12);
  const held = many(10, (index) => block('nagle', 60 * index + 1, 60 * index + 41, { connections: [1] }));
  assert.ok(idsIn(slow, held).includes('nagle'));
  assert.ok(!idsIn(slow, held.slice(0, 1)).includes('nagle'));
  // Beside good overlap it is a fact.
  const together = many(20, (index) =>
    request(index + 1, index < 10 ? { wanted: 0, read: 20 } : { wanted: 20, read: 80 }, {
      connection: index % 10,
      ordinal: index < 10 ? 0 : 1,
    }),
  );
  const eachHeld = many(10, (index) => block('nagle', 21, 65, { connections: [index] }));
  const { overlap, facts } = verdictOf(together, eachHeld, environment([]));
  assert.equal(overlap, 'concurrent');
  assert.match(facts.join(' '), /written in small pieces.*Set TCP_NODELAY/);
  // Where it takes much of a long run, that run is shorter without it: whatever the overlap is.
  const long = many(200, (index) => {
    const at = 60 * Math.floor(index / 10);
    return request(index + 1, { wanted: at, read: at + (index < 10 ? 12 : 60) }, { connection: index % 10 });
  });
  const longHeld = many(190, (index) =>
    block('nagle', 60 * Math.floor(index / 10) + 61, 60 * Math.floor(index / 10) + 103, {
      connections: [index % 10],
    }),
  );
  const longer = verdictOf(long, longHeld, environment([]));
  assert.deepEqual([longer.overlap, longer.step, longer.causes[0]?.id], ['partly', 'answered', 'nagle']);
  assert.match(longer.verdict, /190 requests waited for an acknowledgement/);
  // The first request of a connection is acknowledged at once: where it takes as long, the server does.
  assert.ok(!idsIn(byFirst(59), held).includes('nagle'));
});

test('answers-not-taken-up: answers that lie in the kernel while the thread computes are named by what it computes', () => {
  const parsing = stack(1, '/app/report.py:11 parse', `${SITE}/x/y.py:1 run`);
  const requests = many(10, (index) =>
    request(index + 1, {
      wanted: 0,
      sent: 900 * +(index > 4),
      answered: 1_000 + 500 * index,
      read: 1_100 + 500 * index,
    }),
  );
  const ready = many(
    10,
    (index) => ({ kind: 'ready', connection: index + 1, atUs: us(950), what: 'readable' }) as const,
  );
  const computing = [block('cpu', 940, 5_900, { stack: 1 })];
  assert.ok(idsIn(requests, parsing, ready, computing).includes('answers-not-taken-up'));
  assert.ok(!idsIn(requests, parsing, computing).includes('answers-not-taken-up'));
  assert.ok(!idsIn(requests, parsing, ready).includes('answers-not-taken-up'));
});
