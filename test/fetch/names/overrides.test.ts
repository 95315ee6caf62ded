import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkOverrides,
  connectTarget,
  parseConnectTo,
  parseResolve,
  resolvedByHand,
} from '../../../src/fetch/names/index.ts';

test("--resolve is read as curl's", () => {
  assert.deepEqual(parseResolve('Example.org:443:127.0.0.1,[::1]'), [
    'example.org:443',
    ['127.0.0.1', '[::1]'],
  ]);
  assert.deepEqual(parseResolve('+a:80:127.0.0.1'), ['a:80', ['127.0.0.1']]);
  assert.deepEqual(parseResolve('*:80:::1'), ['*:80', ['::1']]);
  assert.deepEqual(parseResolve('[::1]:80:127.0.0.1'), ['[::1]:80', ['127.0.0.1']]);
});

for (const wrong of [
  '',
  'a',
  'a:80',
  'a:80:b',
  'a:0:127.0.0.1',
  'a:70000:127.0.0.1',
  'a:x:127.0.0.1',
  'a:80:127.0.0.1,',
]) {
  test(`--resolve '${wrong}' says what is wanted`, () => {
    assert.throws(() => parseResolve(wrong), /--resolve wants HOST:PORT:ADDRESS.*, not: /);
  });
}

test('addresses given by hand hold for their host and port, in the family wanted', () => {
  const resolve = { 'a.test:443': ['127.0.0.1', '::1'], '*:80': ['127.0.0.2'] };
  assert.deepEqual(resolvedByHand(resolve, 'A.test', 443), [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  assert.deepEqual(resolvedByHand(resolve, 'a.test', 443, 6), [{ address: '::1', family: 6 }]);
  assert.deepEqual(resolvedByHand(resolve, 'other.test', 80), [{ address: '127.0.0.2', family: 4 }]);
  assert.deepEqual(resolvedByHand(resolve, 'other.test', 80, 6), []);
  assert.equal(resolvedByHand(resolve, 'a.test', 444), undefined);
});

test("--connect-to leads elsewhere as curl's does, and empty parts stand for what they may", () => {
  const to = (text: string, host: string, port: number) =>
    connectTarget(Object.fromEntries([parseConnectTo(text)]), host, port);
  assert.deepEqual(to('a:443:b:8443', 'A', 443), { host: 'b', port: 8443 });
  assert.deepEqual(to('a:443:b:8443', 'a', 80), { host: 'a', port: 80 });
  assert.deepEqual(to('::b:', 'any', 80), { host: 'b', port: 80 });
  assert.deepEqual(to('a:443::8443', 'a', 443), { host: 'a', port: 8443 });
  assert.deepEqual(to('[::1]:443:[::2]:1', '[::1]', 443), { host: '[::2]', port: 1 });
});

for (const wrong of ['', 'a:b', 'a:1:b', 'a:x:b:1', 'a:1:b:70000', '::1:80:b:1']) {
  test(`--connect-to '${wrong}' says what is wanted`, () => {
    assert.throws(() => parseConnectTo(wrong), /--connect-to wants HOST1:PORT1:HOST2:PORT2.*, not: /);
  });
}

test('overrides from a program are checked before the run', () => {
  checkOverrides({ 'a:443': ['127.0.0.1'] }, { 'a:443': 'b:', ':': '127.0.0.1:8443' });
  assert.throws(() => checkOverrides({ a: ['127.0.0.1'] }, {}), /resolve: a should be 'host:port'/);
  assert.throws(() => checkOverrides({ 'a:1': ['b'] }, {}), /resolve: b is no IP address/);
  assert.throws(() => checkOverrides({}, { 'a:1': 'b' }), /connectTo: b should be 'host:port'/);
});
