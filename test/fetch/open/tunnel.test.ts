import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FetchError } from '../../../src/fetch/errors.ts';
import { ConnectAnswerReader } from '../../../src/fetch/open/connect-answer.ts';
import { proxyUnreachable, tunnel } from '../../../src/fetch/open/tunnel.ts';
import { parseTarget } from '../../../src/fetch/target.ts';

interface Outcome {
  readonly error: FetchError | null;
  readonly socket: Socket;
  /** What the proxy was sent. */
  readonly asked: string;
  readonly proxyPort: number;
}

/** Asks a proxy that does `answer` for a tunnel to a URL. */
async function ask(
  t: TestContext,
  answer: (socket: Socket) => void,
  { url = 'https://a.test/', authorization = null as string | null } = {},
): Promise<Outcome> {
  let asked = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      asked = data.toString();
      answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxyPort = (server.address() as AddressInfo).port;
  const socket = connect(proxyPort, '127.0.0.1');
  await once(socket, 'connect');
  t.after(() => {
    socket.destroy();
    server.close();
  });
  const proxy = { host: '127.0.0.1', port: proxyPort, authorization };
  const error = await new Promise<FetchError | null>((resolve) =>
    tunnel(socket, proxy, parseTarget(url), resolve),
  );
  return { error, socket, asked, proxyPort };
}

test('a 200 opens the tunnel, and what follows its head is the first of it', async (t) => {
  const { error, socket, asked } = await ask(t, (proxy) =>
    proxy.write('HTTP/1.1 200 OK\r\nx: y\r\n\r\nfirst'),
  );
  assert.equal(error, null);
  assert.equal(asked, 'CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\n\r\n');
  const data = once(socket, 'data');
  socket.resume();
  assert.equal(String((await data)[0]), 'first');
});

test('the head may come byte by byte, after interim answers, and from an HTTP/1.0 proxy', async (t) => {
  const { error } = await ask(t, async (proxy) => {
    proxy.setNoDelay();
    for (const byte of 'HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 200 Connection established\r\n\r\n') {
      proxy.write(byte);
      await sleep(0);
    }
  });
  assert.equal(error, null);
});

test('the login is sent, an IPv6 target stands in brackets', async (t) => {
  const { asked } = await ask(t, (proxy) => proxy.write('HTTP/1.1 200 OK\r\n\r\n'), {
    url: 'https://[::1]:8443/',
    authorization: 'Basic eA==',
  });
  assert.match(
    asked,
    /^CONNECT \[::1\]:8443 HTTP\/1\.1\r\nhost: \[::1\]:8443\r\nproxy-authorization: Basic eA==\r\n\r\n$/,
  );
});

test('an interim answer opens nothing yet', async (t) => {
  const { error } = await ask(t, (proxy) =>
    proxy.write('HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n'),
  );
  assert.match(error!.message, /it answered 403 Forbidden/);
});

const refusals: readonly [string, (socket: Socket) => void, RegExp][] = [
  [
    'a refusal',
    (proxy) => proxy.write('HTTP/1.1 403 Forbidden\r\n\r\nno'),
    /opened no tunnel to a\.test:443: it answered 403 Forbidden$/,
  ],
  [
    'a question for a login',
    (proxy) => proxy.write('HTTP/1.1 407 Who\r\n\r\n'),
    /answered 407 Who; give name and password in its URL: http:/,
  ],
  ['a greeting of another protocol', (proxy) => proxy.write('SSH-2.0-x\r\n'), /its answer is not HTTP\/1\.1/],
  ['HTTP/2 by its name', (proxy) => proxy.write('HTTP/2 200\r\n\r\n'), /its answer is not HTTP\/1\.1/],
  ['a status that is none', (proxy) => proxy.write('HTTP/1.1 OK\r\n\r\n'), /its answer is not HTTP\/1\.1/],
  [
    'an endless head',
    (proxy) => proxy.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`),
    /the head of its answer is longer than 16 KiB/,
  ],
  [
    'a switch of protocols',
    (proxy) => proxy.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    /it answered 101 Switching Protocols/,
  ],
  ['an end', (proxy) => proxy.end(), /it closed the connection/],
  ['a reset', (proxy) => proxy.resetAndDestroy(), /ECONNRESET/],
];
for (const [what, answer, text] of refusals) {
  test(`${what} instead of a tunnel is the error proxy`, async (t) => {
    const { error, proxyPort } = await ask(t, answer);
    assert.equal(error?.code, 'proxy');
    assert.match(error.message, new RegExp(`^the proxy 127\\.0\\.0\\.1:${proxyPort} opened no tunnel`));
    assert.match(error.message, text);
  });
}

test('a proxy that answers 1xx for ever does not end the process, but its own tunnel', async (t) => {
  const { error } = await ask(t, (proxy) => proxy.write('HTTP/1.1 100 C\r\n\r\n'.repeat(20_000)));
  assert.equal(error?.code, 'proxy');
  assert.match(error.message, /it sent more than 32 interim answers/);
});

test('interim heads count for the size of the answer together', async (t) => {
  const { error } = await ask(t, (proxy) =>
    proxy.write(`HTTP/1.1 103 Early\r\nx: ${'y'.repeat(2_000)}\r\n\r\n`.repeat(9)),
  );
  assert.match(error!.message, /the head of its answer is longer than 16 KiB/);
});

test('what follows the head may be longer than a head may be', async (t) => {
  const rest = Buffer.alloc(40_000, 'z');
  const { error, socket } = await ask(t, (proxy) =>
    proxy.write(Buffer.concat([Buffer.from('HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), rest])),
  );
  assert.equal(error, null);
  let length = 0;
  socket.on('data', (data: Buffer) => {
    assert.ok(data.every((byte) => byte === 0x7a));
    length += data.length;
  });
  socket.resume();
  while (length < rest.length) await once(socket, 'data');
  assert.equal(length, rest.length);
});

test('a head cut anywhere is read once, to its last byte', () => {
  const head = 'HTTP/1.1 103 Early\r\nlink: <a>\r\n\r\nHTTP/1.0 200 Fine, go on\r\nx: y\r\n\r\n';
  const bytes = Buffer.from(`${head}rest`);
  for (let cut = 1; cut < bytes.length; cut++) {
    const reader = new ConnectAnswerReader();
    const answer = reader.push(bytes.subarray(0, cut)) ?? reader.push(bytes.subarray(cut));
    assert.equal(answer?.status, 200);
    assert.equal(answer.reason, 'Fine, go on');
    assert.equal(answer.rest.toString(), cut < head.length ? 'rest' : 'rest'.slice(0, cut - head.length));
  }
});

test('a refused login is told from a missing one', async (t) => {
  const { error } = await ask(t, (proxy) => proxy.write('HTTP/1.1 407 No\r\n\r\n'), {
    authorization: 'Basic eA==',
  });
  assert.match(error!.message, /does not accept the name and password/);
});

test('a proxy that is not there is the error proxy, with why', () => {
  const cause = new FetchError('connect-refused', 'no connection to p:1: refused');
  const error = proxyUnreachable({ host: 'p', port: 1, authorization: null }, cause);
  assert.equal(error.code, 'proxy');
  assert.equal(error.message, "the proxy p:1 can't be reached: no connection to p:1: refused");
});
