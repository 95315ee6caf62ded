import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Came, cameOf, troubleOf } from '../../src/stages/result.ts';

const measured = (seconds: number, n: number, ok = n) => ({
  n,
  ok,
  seconds,
  socket: [],
  version: '3.7.16',
  modules: {},
  errors: ok < n ? ['ConnectionError: reset'] : [],
  inFlight: null,
});

const CASES: readonly [serial: number, concurrent: number, n: number, came: Came][] = [
  [5.1, 1.3, 5, 'fast'],
  [10.6, 1.9, 10, 'fast'],
  [5.1, 5.1, 5, 'slow'],
  [10.1, 7.2, 10, 'slow'],
  [10.1, 3.4, 10, 'partly'],
  [12.1, 3.3, 10, 'fast'],
  [3.1, 1.9, 3, 'partly'],
  [3.1, 1.1, 3, 'fast'],
  [2.0, 1.05, 2, 'fast'],
  [2.0, 2.0, 2, 'slow'],
];

for (const [serial, concurrent, n, came] of CASES) {
  test(`${n} requests in ${serial} s one by one and in ${concurrent} s at once are ${came}`, () => {
    assert.equal(cameOf(measured(serial, n), measured(concurrent, n), n), came);
  });
}

test('what fails fast is not fast: an answer that is missing fails the cell', () => {
  assert.equal(cameOf(measured(5, 5), measured(1, 5, 4), 5), 'failed');
  assert.equal(cameOf(measured(5, 5, 0), measured(1, 5), 5), 'failed');
  assert.equal(cameOf(null, measured(1, 5), 5), 'failed');
  assert.deepEqual(troubleOf('grequests', measured(1, 5, 4), 5), [
    'grequests: 4 of 5 answers: ConnectionError: reset',
  ]);
});
