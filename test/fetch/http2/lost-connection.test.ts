import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawServer } from '../frame-server.ts';
import { DATA, END_HEADERS, END_STREAM, field, frame, HEADERS, NO_FLAGS, RST_STREAM } from '../frames.ts';
import { fetchAll, times } from '../servers.ts';

const h2 = { tls: { insecure: true }, protocol: 'h2', retries: 0, adapt: false } as const;
const REFUSED = Buffer.of(0, 0, 0, 7);

test('a connection that answers nothing within a time limit takes no further request', async (t) => {
  const url = await rawServer(t, (stream, _socket, ordinal) =>
    ordinal === 0
      ? []
      : [
          frame(HEADERS, END_HEADERS, stream, field(':status', '200')),
          frame(DATA, END_STREAM, stream, Buffer.from('here')),
        ],
  );
  const { results } = await fetchAll([url, `${url}/2`], { ...h2, concurrency: 1, firstByteTimeout: '500ms' });
  assert.deepEqual(
    results.map(({ status, error }) => error?.code ?? status),
    ['timeout-first-byte', 200],
  );
});

test('a connection that is reset amid a flood of frames is closed when the run has ended', async (t) => {
  let requests = 0;
  const url = await rawServer(t, (stream, socket) => {
    requests++;
    // What the client writes next is refused by its kernel, while there is much for it to read.
    if (requests === 9) setImmediate(() => socket.destroy());
    return [Buffer.concat(Array(8000).fill(frame(RST_STREAM, NO_FLAGS, stream, REFUSED)))];
  });
  const before = sockets();
  await fetchAll(
    times(8, (i) => `${url}/${i}`),
    { ...h2, firstByteTimeout: '1s' },
  );
  const giveUpMs = performance.now() + 20_000;
  while (sockets() > before && performance.now() < giveUpMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(sockets(), before);
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
