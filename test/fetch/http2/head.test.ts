import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http2';
import { type TestContext, test } from 'node:test';
import type { Result } from '../../../src/fetch/index.ts';
import { bareServer, fetchAll, fetchOne, h2Server, outcomes, says, times } from '../servers.ts';

const h2 = { tls: { insecure: true }, protocol: 'h2', retries: 0 } as const;

/** So many fields, each with a value of so many bytes. */
function fields(count: number, valueBytes: number): Record<string, string> {
  return Object.fromEntries(times(count, (i) => [`x-${i}`, 'v'.repeat(valueBytes)]));
}

/** What a GET comes to when the answer has these fields, over each protocol. */
async function overBoth(
  t: TestContext,
  headers: Record<string, string>,
): Promise<readonly (readonly [protocol: string, result: Result])[]> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const plain = await bareServer(t, says(`HTTP/1.1 200 OK\r\n${lines.join('')}content-length: 2\r\n\r\nok`));
  return [
    ['HTTP/1.1', await fetchOne(plain)],
    ['HTTP/2', await fetchOne(await answering(t, () => headers), h2)],
  ];
}

/** A server of HTTP/2 that answers each stream with fields of its own. */
function answering(t: TestContext, fieldsOf: (streamId: number) => OutgoingHttpHeaders): Promise<string> {
  return h2Server(
    t,
    (stream) => {
      stream.respond({ ':status': 200, ...fieldsOf(stream.id!) });
      stream.end('ok');
    },
    { maxSendHeaderBlockLength: 10_000_000 },
  );
}

for (const [count, valueBytes] of [
  [129, 1],
  [5000, 1],
  [60, 1000],
] as const)
  test(`a head of ${count} fields of ${valueBytes} bytes is read over both protocols`, async (t) => {
    for (const [protocol, { status, headers, error }] of await overBoth(t, fields(count, valueBytes))) {
      assert.equal(error, null, protocol);
      assert.equal(status, 200, protocol);
      assert.equal(headers![`x-${count - 1}`], 'v'.repeat(valueBytes), protocol);
    }
  });

test('a head of more than 64 KiB is refused by name over both protocols', async (t) => {
  for (const [protocol, { error }] of await overBoth(t, fields(70, 1000))) {
    assert.equal(error?.code, 'bad-header', protocol);
    assert.match(error!.message, /longer than 64 KiB/, protocol);
  }
});

test('a head over the limit costs no other answer on its connection', async (t) => {
  const url = await answering(t, (streamId) => (streamId === 1 ? fields(70, 1000) : {}));
  const { results, connections } = await fetchAll(
    times(10, (i) => `${url}/${i}`),
    h2,
  );
  assert.deepEqual(outcomes(results), { 200: 9, 'bad-header': 1 });
  assert.equal(connections.length, 1);
});

test('a head that nghttp2 itself gives up is an error that speaks of the head, and the next GET has a new connection', async (t) => {
  const url = await answering(t, (streamId) => (streamId === 1 ? fields(400, 1000) : {}));
  const { results, connections } = await fetchAll(
    times(3, (i) => `${url}/${i}`),
    { ...h2, concurrency: 1 },
  );
  assert.deepEqual([connections.length, outcomes(results)], [3, { protocol: 3 }]);
  for (const { error } of results) assert.match(error!.message, /head of .* far too long/);
});

test('a long head made of few bytes by HPACK is refused, whether or not the server knows the limit yet', async (t) => {
  const values = times(300, () => 'v'.repeat(2000));
  const url = await answering(t, () => ({ 'x-a': values }));
  const { results } = await fetchAll(
    times(3, (i) => `${url}/${i}`),
    { ...h2, concurrency: 1 },
  );
  for (const { error } of results) assert.match(error!.message, /longer than 64 KiB|head of .* far too long/);
});
