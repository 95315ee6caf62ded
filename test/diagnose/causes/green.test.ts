import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../../../src/trace/index.ts';
import { many } from '../example.ts';
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
} from './example.ts';

/** 10 greenlets of one thread: all connected at once, sent one by one. */
const requests = many(10, (index) =>
  request(
    index + 1,
    { wanted: 0, dispatched: 1, connected: 20, sent: 20 + 200 * index, read: 20 + 200 * index + 199 },
    { unit: index + 1, calledUs: 1_000 },
  ),
);
const polls = many(10, (index) =>
  block('poll', 20 + 200 * index, 20 + 200 * index + 199, {
    stack: 1,
    descriptors: 1,
    connections: [index + 1],
  }),
);
const waiting = stack(
  1,
  `${SITE}/urllib3/util/wait.py:105 do_poll`,
  `${SITE}/urllib3/contrib/pyopenssl.py:300 urllib3.contrib.pyopenssl.WrappedSocket.recv`,
  `${SITE}/grequests.py:72 grequests.AsyncRequest.send`,
  '/app/report.py:9 <module>',
);
const gevent = { by: 'gevent', version: '1.4.0', at: `${SITE}/grequests.py:21` };
const famous: Partial<Environment> = {
  modules: [
    { name: 'gevent', version: '1.4.0' },
    { name: 'pyOpenSSL', version: '19.0.0' },
  ],
  patches: [
    { ...gevent, target: 'socket' },
    { ...gevent, target: 'select', replacement: null, left: ['select.select', 'select.poll'] },
    {
      target: 'urllib3.util.ssl_.SSLContext',
      by: 'pyOpenSSL',
      version: '19.0.0',
      replacement: 'urllib3.contrib.pyopenssl.PyOpenSSLContext',
      at: `${SITE}/requests/__init__.py:95`,
    },
  ],
};

test('gevent-blocking-wait: the famous case: which module was injected, which class waits where, and what the patch left alone', () => {
  const [cause, ...others] = causesIn(requests, waiting, polls, environment([], famous));
  assert.equal(cause?.id, 'gevent-blocking-wait');
  assert.equal(cause?.confidence, 'certain');
  assert.match(told(cause), /urllib3\.contrib\.pyopenssl\.WrappedSocket blocks the hub of gevent 1\.4\.0/);
  assert.match(told(cause), /pyOpenSSL 19\.0\.0 took the place of .* \(requests\/__init__\.py:95\)/);
  assert.match(told(cause), /left `select` alone/);
  assert.match(cause.fix ?? '', /extract_from_urllib3/);
  assert.ok(cause.share > 0.8);
  assert.deepEqual(others, []);
});

test('gevent-blocking-wait: with everything patched, the same modules are not blamed', () => {
  const hub = many(10, (index) =>
    block('epoll_wait', 20 + 200 * index, 219 + 200 * index, { descriptors: 10 }),
  );
  assert.deepEqual(idsIn(requests, hub, environment([], famous)), ['unexplained']);
});

test('green-blocking-wait: a socket that is not green blocks the hub of eventlet', () => {
  const reading = stack(
    1,
    `${STANDARD}/ssl.py:874 ssl.SSLSocket.read`,
    `${STANDARD}/urllib/request.py:223 urlopen`,
    '/app/report.py:11 fetch',
  );
  const patches = [
    {
      target: 'ssl',
      by: 'eventlet',
      version: '0.21.0',
      at: '/app/report.py:1',
      replacement: null,
      left: ['ssl.SSLSocket'],
    },
  ];
  const reads = polls.map((one) => ({ ...one, wait: { ...one.wait, kind: 'read' as const, call: 'read' } }));
  const [cause] = causesIn(requests, reading, reads, environment([], { patches }));
  assert.equal(cause?.id, 'green-blocking-wait');
  assert.match(told(cause), /ssl\.SSLSocket.*hub of eventlet.*left `ssl` alone/);
});

test('late-patch: requests that fail because the patch came late are said to, others that fail are not', () => {
  const failing = (error: string) =>
    many(5, (index) => {
      const { sentUs: _, answeredUs: __, readUs: ___, ...rest } = request(index + 1, { wanted: 0, read: 50 });
      return { ...rest, sentUs: null, answeredUs: null, readUs: null, failedUs: 50_000, error };
    });
  const patches = [
    {
      target: 'ssl',
      by: 'gevent',
      version: '26.9.0',
      at: '/app/report.py:5',
      heldBy: ['urllib3.util.ssl_.SSLContext'],
    },
  ];
  const [cause] = causesIn(failing('RecursionError'), environment([], { patches }));
  assert.equal(cause?.id, 'late-patch');
  assert.match(
    told(cause),
    /5 of 5 requests failed with RecursionError\. urllib3\.util\.ssl_\.SSLContext was taken/,
  );
  assert.deepEqual(idsIn(failing('ConnectTimeout'), environment([], { patches })), []);
  assert.deepEqual(idsIn(failing('RecursionError'), environment([])), []);
});

test('green-blocking-wait: greenlets over sockets that nobody patched are told to, and which line called', () => {
  const reading = stack(
    1,
    `${STANDARD}/socket.py:707 socket.SocketIO.readinto`,
    `${STANDARD}/urllib/request.py:223 urlopen`,
    '/app/report.py:3 fetch',
  );
  const waits = many(9, (index) => queued('queue', 0, 20 + 200 * (index + 1), { unit: index + 2 }));
  const reads = polls.map((one) => ({ ...one, wait: { ...one.wait, kind: 'read' as const, call: 'read' } }));
  const installed = environment([], { modules: [{ name: 'gevent', version: '26.9.0' }] });
  const [cause, ...others] = causesIn(requests, reading, reads, waits, installed);
  assert.equal(cause?.id, 'green-blocking-wait');
  assert.match(told(cause), /hub of gevent 26\.9\.0.*nothing was patched/);
  assert.deepEqual(others, []);
});

test('gevent-blocking-wait: a patch of pyOpenSSL that lacks a method is named with it', () => {
  const half = {
    target: 'OpenSSL.SSL.Connection',
    by: 'gevent_openssl',
    version: '1.2',
    left: ['OpenSSL.SSL.Connection.recv_into'],
  };
  const patches = [...famous.patches!, half];
  const [cause] = causesIn(requests, waiting, polls, environment([], { ...famous, patches }));
  assert.match(told(cause), /gevent_openssl 1\.2 leaves OpenSSL\.SSL\.Connection\.recv_into alone/);
  assert.match(cause?.fix ?? '', /Give gevent_openssl 1\.2 what it lacks/);
});
