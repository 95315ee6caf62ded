import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOverrides, connectTarget, resolvedByHand } from '../../../src/fetch/names/index.ts';

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

test("connections go elsewhere as with curl's --connect-to, and empty parts stand for what they may", () => {
  const to = (from: string, where: string, host: string, port: number) =>
    connectTarget({ [from]: where }, host, port);
  assert.deepEqual(to('a:443', 'b:8443', 'A', 443), { host: 'b', port: 8443 });
  assert.deepEqual(to('a:443', 'b:8443', 'a', 80), { host: 'a', port: 80 });
  assert.deepEqual(to(':', 'b:', 'any', 80), { host: 'b', port: 80 });
  assert.deepEqual(to('a:443', ':8443', 'a', 443), { host: 'a', port: 8443 });
  assert.deepEqual(to('[::1]:443', '[::2]:1', '::1', 443), { host: '[::2]', port: 1 });
});

test('overrides from a program are checked before the run', () => {
  checkOverrides({ 'a:443': ['127.0.0.1'] }, { 'a:443': 'b:', ':': '127.0.0.1:8443' });
  assert.throws(() => checkOverrides({ a: ['127.0.0.1'] }, {}), /resolve: a should be 'host:port'/);
  assert.throws(() => checkOverrides({ 'a:1': ['b'] }, {}), /resolve: b is no IP address/);
  assert.throws(() => checkOverrides({}, { 'a:1': 'b' }), /connectTo: b should be 'host:port'/);
});
