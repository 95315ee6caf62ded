import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from '../../../src/trace/index.ts';
import { causesIn, connection, environment, idsIn, portions, told } from './example.ts';

const streams: Limit = { kind: 'streams', size: 2, of: 'HTTP/2 max_concurrent_streams' };
const requests = portions(20, 2, () => ({ connection: 1 }));

test('stream-limit: streams of an HTTP/2 connection are named where the server allows as many as were let go', () => {
  const [cause] = causesIn(requests, connection(1, { protocol: 'h2' }), environment([streams]));
  assert.equal(cause?.id, 'stream-limit');
  assert.match(told(cause), /the server allows 2 streams on an HTTP\/2 connection/);
});

test('stream-limit: more streams than were let go, or HTTP/1.1, are no limit of streams', () => {
  assert.deepEqual(
    idsIn(requests, connection(1, { protocol: 'h2' }), environment([{ ...streams, size: 100 }])),
    ['unexplained'],
  );
  assert.deepEqual(idsIn(requests, connection(1), environment([streams])), ['unexplained']);
});
