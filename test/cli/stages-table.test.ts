import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headLine, rowLine, shortClass } from '../../src/cli/stages/table.ts';
import type { Result } from '../../src/stages/index.ts';

const CELL: Result['cell'] = {
  stage: { id: 5, title: 't', text: 't' },
  name: '5a',
  run: { environment: {}, arguments: [] },
  runtime: { id: 'today', language: 'python' },
  version: '3.13',
  interpreter: null,
  programs: {
    serial: { name: 'requests', command: ['p'] },
    concurrent: { name: 'grequests', command: ['p'] },
  },
  protocol: 'https',
  n: 100,
  expected: 'slow',
};

const MEASURED = {
  n: 100,
  ok: 100,
  seconds: 100.584,
  socket: ['urllib3.contrib.pyopenssl.WrappedSocket'],
  version: '3.13.0',
  modules: {},
  errors: [],
  inFlight: { mean: 100, max: 100 },
};

const RESULT: Result = {
  cell: CELL,
  serial: MEASURED,
  concurrent: MEASURED,
  beside: null,
  came: 'failed',
  asExpected: false,
  verdict: null,
  scenes: [],
  trouble: [],
};

test('a row stands under its head, within 80 columns', () => {
  const [head, row] = [headLine(CELL), rowLine(RESULT)];
  assert.equal(head, 'st py   proto   n requests grequests flight socket                  came   exp.');
  assert.equal(row, '5a 3.13 https 100 100.58 s  100.58 s  100.0 pyopenssl.WrappedSocket failed slow');
  assert.ok(Math.max(head.length, row.length) <= 80);
});

test('what did not run has no figures', () => {
  const row = rowLine({ ...RESULT, serial: null, concurrent: null, cell: { ...CELL, expected: null } });
  assert.match(row, /^5a 3\.13 https 100 +- +- +- - +failed -$/);
});

test('a class is called by as many of its last names as there is room for', () => {
  assert.equal(shortClass('gevent.ssl.SSLSocket'), 'gevent.ssl.SSLSocket');
  assert.equal(shortClass('urllib3.contrib.pyopenssl.WrappedSocket'), 'pyopenssl.WrappedSocket');
  assert.equal(shortClass('gevent._sslgte279.SSLSocket'), '_sslgte279.SSLSocket');
  assert.equal(shortClass(undefined), '-');
});
