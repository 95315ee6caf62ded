import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../src/trace/index.ts';
import { many, us } from '../example.ts';
import {
  block,
  causesIn,
  connection,
  environment,
  idsIn,
  request,
  SITE,
  stack,
  told,
  verdictOf,
} from './example.ts';

/** 20 wanted together, each to a host of its own whose name is found after so many milliseconds. */
function lookedUp(foundAt: (index: number) => number) {
  return many(20, (index) => [
    request(
      index + 1,
      { wanted: 0, dispatched: 0, connected: foundAt(index), read: foundAt(index) + 100 },
      { origin: `http://h${index}.example` },
    ),
    connection(index + 1, {
      origin: `http://h${index}.example`,
      dnsFromUs: 0,
      dnsToUs: us(foundAt(index)),
    } satisfies Partial<Connection>),
  ]).flat();
}

const libuv = environment([{ kind: 'name-threads', size: 4, of: 'libuv threads', setAt: 'libuv' }], {
  language: 'node',
});
const inPairs = lookedUp((index) => 200 * (1 + Math.floor(index / 2)));

test('dns-threads: look-ups that end in portions of half of libuv`s threads wait for them', () => {
  const [cause, ...others] = causesIn(inPairs, libuv);
  assert.equal(cause?.id, 'dns-threads');
  assert.match(told(cause), /2 at a time.*libuv's pool of 4 threads/);
  assert.match(cause.fix ?? '', /UV_THREADPOOL_SIZE/);
  assert.deepEqual(others, []);
});

test('dns-threads: without such a pool, or with look-ups that all end together, no pool is blamed', () => {
  assert.ok(!idsIn(inPairs).includes('dns-threads'));
  assert.ok(
    !idsIn(
      lookedUp(() => 800),
      libuv,
    ).includes('dns-threads'),
  );
});

test('dns-loss, dns-slow: look-ups of 5 s are lost packets, of 4 s slow ones, of 0.15 s what they take', () => {
  assert.deepEqual(idsIn(lookedUp(() => 5_010)), ['dns-loss']);
  assert.deepEqual(idsIn(lookedUp(() => 10_020)), ['dns-loss']);
  assert.deepEqual(idsIn(lookedUp(() => 4_000)), ['dns-slow']);
  assert.deepEqual(idsIn(lookedUp(() => 150)), []);
});

test('dns-blocks-loop: a look-up on the loop`s own thread stops everybody', () => {
  const looking = stack(
    1,
    `${SITE}/gevent/_socketcommon.py:216 getaddrinfo`,
    `${SITE}/urllib3/connection.py:239 _new_conn`,
    '/app/report.py:14 get',
  );
  const requests = lookedUp((index) => 200 * (index + 1));
  const blocks = many(20, (index) =>
    block('getaddrinfo', 200 * index, 200 * (index + 1), { stack: 1, descriptors: 1 }),
  );
  const patches = [{ target: 'socket.getaddrinfo', by: 'gevent.resolver.blocking.Resolver' }];
  const [cause, ...others] = causesIn(requests, looking, blocks, environment([], { patches }));
  assert.equal(cause?.id, 'dns-blocks-loop');
  assert.match(told(cause), /hub, in getaddrinfo/);
  assert.deepEqual(cause.places.map(({ line, own }) => [line, own]).slice(0, 2), [
    [14, true],
    [216, false],
  ]);
  assert.deepEqual(others, []);
});

test('dns-threads: a pool of any kind is told from how many threads look up at once', () => {
  const looking = many(20, (index) =>
    block('getaddrinfo', 200 * Math.floor(index / 2), 200 * (1 + Math.floor(index / 2)), {
      thread: 100 + (index % 2),
    }),
  );
  const pool = environment([
    { kind: 'workers', size: 2, of: 'ThreadPoolExecutor max_workers', setAt: '/app/report.py:11' },
  ]);
  const [cause] = causesIn(inPairs, looking, pool);
  assert.equal(cause?.id, 'dns-threads');
  assert.match(told(cause), /2 at a time.*a pool of 2 threads \(ThreadPoolExecutor max_workers\)/);
});

test('dns-threads: look-ups that are made one by one are told from the rhythm of their ends', () => {
  const [cause] = causesIn(lookedUp((index) => 150 * (index + 1)));
  assert.equal(cause?.id, 'dns-threads');
  assert.match(told(cause), /looked up one at a time \(DNS, 0\.15 s each\)/);
});

test('look-ups side by side that take most of what was lost are a fact', () => {
  const verdict = verdictOf(lookedUp(() => 700));
  assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['partly', 'connected', []]);
  assert.ok(
    verdict.facts.some((fact) => /20 look-ups of names \(DNS\) side by side, 0\.7 s at most/.test(fact)),
  );
});

test('search-list: names that are looked up with every ending first are said, and how many there are', () => {
  const searching = (dnsNames: number) =>
    lookedUp(() => 400).map((one) => (one.kind === 'connection' ? { ...one, dnsNames } : one));
  const [cause, ...others] = causesIn(searching(4));
  assert.equal(cause?.id, 'search-list');
  assert.match(
    told(cause),
    /asks for 4 names in turn, 0\.4 s at most: h0\.example with each domain of the search list/,
  );
  assert.deepEqual(others, []);
  assert.ok(!idsIn(searching(1)).includes('search-list'));
});
