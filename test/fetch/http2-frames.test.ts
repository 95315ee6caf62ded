import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { makeCertificate } from '../../src/testserver/index.ts';
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
  SETTINGS,
} from './frames.ts';
import { fetchAll, fetchOne, listening, outcomes, times } from './servers.ts';

const h2 = { tls: { insecure: true }, protocol: 'h2', retries: 0, timeout: '5s' } as const;
const OK_FIELDS = field(':status', '200');

/** A server that answers each stream with these frames, whatever was asked. */
async function rawServer(t: TestContext, answer: (stream: number) => readonly Buffer[]): Promise<string> {
  const server = tls.createServer({ ...(await makeCertificate()), ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => {});
    socket.write(frame(SETTINGS, NO_FLAGS, 0));
    let left = Buffer.alloc(0);
    let isPrefaceRead = false;
    socket.on('data', (chunk: Buffer) => {
      left = Buffer.concat([left, chunk]);
      if (!isPrefaceRead && left.length >= 24) {
        left = left.subarray(24);
        isPrefaceRead = true;
      }
      while (isPrefaceRead && left.length >= 9 && left.length >= 9 + left.readUIntBE(0, 3)) {
        if (left[3] === HEADERS) socket.write(Buffer.concat(answer(left.readUInt32BE(5))));
        left = left.subarray(9 + left.readUIntBE(0, 3));
      }
    });
  });
  return `https://127.0.0.1:${await listening(t, server)}`;
}

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
