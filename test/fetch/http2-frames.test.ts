import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawServer } from './frame-server.ts';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  HEADERS,
  NO_FLAGS,
  PING,
  RST_STREAM,
} from './frames.ts';
import { fetchAll, fetchOne, outcomes, times } from './servers.ts';

const h2 = { tls: { insecure: true }, protocol: 'h2', retries: 0, timeout: '5s' } as const;
const OK_FIELDS = field(':status', '200');

test('a stream that is reset without an error is no whole answer', async (t) => {
  const url = await rawServer(t, (stream) => [
    frame(HEADERS, END_HEADERS, stream, OK_FIELDS),
    frame(DATA, NO_FLAGS, stream, Buffer.from('half of')),
    frame(RST_STREAM, NO_FLAGS, stream, Buffer.alloc(4)),
  ]);
  const { error, body } = await fetchOne(url, h2);
  assert.equal(error?.code, 'reset');
  assert.equal(body, null);
});

test('a whole answer is one, though a reset without an error follows it', async (t) => {
  const url = await rawServer(t, (stream) => [
    frame(HEADERS, END_HEADERS, stream, OK_FIELDS),
    frame(DATA, END_STREAM, stream, Buffer.from('whole')),
    frame(RST_STREAM, NO_FLAGS, stream, Buffer.alloc(4)),
  ]);
  const { error, body } = await fetchOne(url, h2);
  assert.equal(error, null);
  assert.equal(body!.toString(), 'whole');
});

for (const [what, answer] of [
  [
    'many CONTINUATION frames',
    (stream: number) => [
      frame(HEADERS, NO_FLAGS, stream, Buffer.concat([OK_FIELDS, field('x', 'y'.repeat(100))])),
      ...times(20, (i) => frame(CONTINUATION, NO_FLAGS, stream, field(`x${i}`, 'y'.repeat(50)))),
    ],
  ],
  [
    'a frame within a block of headers',
    (stream: number) => [
      frame(HEADERS, NO_FLAGS, stream, Buffer.concat([OK_FIELDS, field('x', 'y'.repeat(100))])),
      frame(PING, NO_FLAGS, 0, Buffer.alloc(8)),
    ],
  ],
] as const)
  test(`${what}: the session breaks, and what was not sent on it goes to a new one`, async (t) => {
    const url = await rawServer(t, answer);
    const { results, connections } = await fetchAll(
      times(40, (i) => `${url}/${i}`),
      { ...h2, concurrency: 4 },
    );
    assert.deepEqual(outcomes(results), { protocol: 40 });
    assert.ok(connections.length >= 10, `${connections.length} connections`);
    for (const { error } of results) assert.doesNotMatch(error!.message, /destroyed/);
  });
