import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaders } from '../../src/cli/get/headers.ts';
import {
  byteSize,
  connectToEntry,
  duration,
  failureLimit,
  rate,
  resolveEntry,
  statusRanges,
} from '../../src/cli/get/values.ts';

/** Each of these is refused with this message. */
function refused(parse: (value: string) => unknown, values: readonly string[], message: RegExp): void {
  for (const value of values) assert.throws(() => parse(value), message, value);
}

test('a duration has a unit, and where it is missing the likely ones are named', () => {
  for (const good of ['250ms', '10s', '1.5m', '1h']) assert.equal(duration(good), good);
  refused(duration, ['10'], /10s or 10ms/);
  refused(duration, ['', '10 s', '-1s', '1d', 's'], /250ms, 10s, 5m or 1h/);
  refused(duration, ['0s'], /longer than 0/);
});

test('a rate is a number per time', () => {
  for (const good of ['10/s', '0.5/s', '600/m', '36000/h']) assert.equal(rate(good), good);
  refused(rate, ['10'], /10\/s/);
  refused(rate, ['', '0/s', '10/d', '/s', '10/'], /10\/s, 600\/m or 36000\/h/);
});

test('sizes count in steps of 1,024', () => {
  assert.deepEqual(['1', '512KB', '64MB', '2gb', '1.5kb'].map(byteSize), [
    1,
    524_288,
    67_108_864,
    2 ** 31,
    1536,
  ]);
  refused(byteSize, ['', '0', '-1', '1TB', 'x'], /A size is/);
});

test('statuses are ranges and lists', () => {
  const { allows } = statusRanges('200-299,304');
  assert.deepEqual([199, 200, 299, 300, 304].map(allows), [false, true, true, false, true]);
  refused(statusRanges, ['', '99', '600', '300-200', '2xx'], /200-399/);
});

test('a failure limit is a number or a share', () => {
  assert.deepEqual(failureLimit('0'), { count: 0 });
  assert.deepEqual(failureLimit('2.5%'), { percent: 2.5 });
  refused(failureLimit, ['', '1.5', '-1', '101%', 'all'], /10, or 1%/);
});

test('--resolve and --connect-to are as curl has them, and add up', () => {
  const first = resolveEntry('Example.com:443:127.0.0.1,[::1]');
  assert.deepEqual(resolveEntry('b:80:10.0.0.1', first), {
    'example.com:443': ['127.0.0.1', '::1'],
    'b:80': ['10.0.0.1'],
  });
  assert.deepEqual(resolveEntry('[::1]:443:127.0.0.1'), { '[::1]:443': ['127.0.0.1'] });
  assert.deepEqual(resolveEntry('+*:80:::1'), { '*:80': ['::1'] });
  refused(
    resolveEntry,
    ['', 'a:443', 'a:b:127.0.0.1', 'a:443:name', 'a:0:127.0.0.1', 'a:99999:127.0.0.1', 'a:1:127.0.0.1,'],
    /HOST:PORT:ADDRESS/,
  );
  assert.deepEqual(connectToEntry('Example.com:443:[::1]:8443'), { 'example.com:443': '[::1]:8443' });
  assert.deepEqual(connectToEntry('::b:'), { ':': 'b:' });
  refused(connectToEntry, ['', 'a:1:b', 'a:1:b:c', 'a:1:b:0', '::1:80:b:1'], /HOST:PORT:TOHOST:TOPORT/);
});

test('a header may be called as something that every object has', () => {
  const headers = readHeaders(['Constructor: a', '__proto__: b', '__proto__: c'], undefined);
  assert.deepEqual(Object.entries(headers), [
    ['constructor', 'a'],
    ['__proto__', 'b, c'],
  ]);
});
