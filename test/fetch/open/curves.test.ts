import assert from 'node:assert/strict';
import { once } from 'node:events';
import https, { type ServerOptions } from 'node:https';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { Options } from '../../../src/fetch/index.ts';
import { Trust } from '../../../src/fetch/open/trust.ts';
import { parseTarget } from '../../../src/fetch/target.ts';
import { makeCertificate } from '../../../src/testserver/index.ts';
import { fetchAll, fetchOne, listening, times } from '../servers.ts';

const HYBRID = 'X25519MLKEM768';

/** A server that takes only these curves, or what Node takes. */
async function serverWith(t: TestContext, ecdhCurve?: string, more: ServerOptions = {}) {
  let handshakes = 0;
  let connections = 0;
  const pair = await makeCertificate();
  const server = https.createServer({ ...pair, ...(ecdhCurve && { ecdhCurve }), ...more }, (_, response) => {
    response.end('good');
  });
  server.on('connection', () => connections++);
  server.on('tlsClientError', () => {});
  server.on('secureConnection', () => handshakes++);
  const url = `https://127.0.0.1:${await listening(t, server)}/`;
  return { url, connections: () => connections, handshakes: () => handshakes };
}

const options: Options = { tls: { insecure: true }, retries: 0, protocol: 'http/1.1', proxy: '' };

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  for (const curve of ['X25519', 'P-256', 'P-384', 'P-521', 'X448'])
    test(`a server that takes only ${curve} is reached over ${version}`, async (t) => {
      const { url } = await serverWith(t, curve, { maxVersion: version, minVersion: version });
      assert.equal((await fetchOne(url, options)).status, 200);
    });

for (const group of ['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192'])
  test(`a server that takes only ${group} is reached`, async (t) => {
    const { url } = await serverWith(t, group);
    assert.equal((await fetchOne(url, options)).status, 200);
  });

test('a server that takes only a hybrid key share is reached, at the price of one handshake', async (t) => {
  const server = await serverWith(t, HYBRID);
  const urls = times(40, (i) => `${server.url}${i}`);
  const { results } = await fetchAll(urls, { ...options, concurrency: 4 });
  assert.ok(results.every(({ status, attempts }) => status === 200 && attempts === 1));
  // As many as were opened at once may fail before the first one tells.
  assert.ok(server.connections() - server.handshakes() <= 4);
});

test('a server that takes only a hybrid key share is reached through the tunnel of a proxy', async (t) => {
  const { url } = await serverWith(t, HYBRID);
  const proxy = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const onward = net.connect(Number(new URL(url).port), '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
  });
  const port = await listening(t, proxy);
  const result = await fetchOne(url, { ...options, proxy: `http://127.0.0.1:${port}` });
  assert.equal(result.status, 200, result.error?.message);
});

/** The group that a handshake comes to use. */
async function groupWith(url: string, trust: Trust): Promise<string | undefined> {
  const target = parseTarget(url);
  const curves = trust.curves.of(target.origin);
  const socket = tls.connect({
    host: target.host,
    port: target.port,
    ...trust.connectOptions(target, curves),
  });
  await once(socket, 'secureConnect');
  const { name } = socket.getEphemeralKeyInfo() as { name?: string };
  socket.destroy();
  return name;
}

test('a server that could take a hybrid key share is not made to by an offer of it', async (t) => {
  const { url } = await serverWith(t);
  assert.equal(await groupWith(url, new Trust({ insecure: true })), 'X25519');
});

test('--curves says what is offered, and nothing else is', async (t) => {
  const { url } = await serverWith(t);
  for (const [curves, name] of [
    ['P-384', 'secp384r1'],
    [HYBRID, HYBRID],
  ] as const)
    assert.equal(await groupWith(url, new Trust({ insecure: true, curves })), name);

  const strict = await serverWith(t, 'P-384');
  const { error } = await fetchOne(strict.url, { ...options, tls: { insecure: true, curves: 'X25519' } });
  assert.equal(error?.code, 'tls');
  assert.match(error.message, /no cipher, curve \(tls\.curves\) or signature in common/);
  assert.equal(strict.connections(), 1);
});

test('curves that do not exist are refused before anything is sent', () => {
  for (const curves of ['P-257', '', 'X25519,P-256'])
    assert.throws(() => new Trust({ curves }), /'.*' is no list of curves that this Node knows/);
});

test('a server with nothing in common is asked a second time only once', async (t) => {
  const server = await serverWith(t, 'brainpoolP256r1', { maxVersion: 'TLSv1.2' });
  const { results } = await fetchAll(
    times(3, (i) => `${server.url}${i}`),
    { ...options, concurrency: 1 },
  );
  assert.ok(results.every(({ error }) => error?.code === 'tls'));
  assert.equal(server.connections(), 4);
});

test('a connection that is lost while more is offered ends in one error', async (t) => {
  let connections = 0;
  // The alert handshake_failure, then no answer at all.
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    if (connections++ === 0) socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex')));
    else socket.once('data', () => socket.destroy());
  });
  const url = `https://127.0.0.1:${await listening(t, server)}/`;
  const { error } = await fetchOne(url, options);
  assert.equal(error?.code, 'reset');
  assert.equal(connections, 2);
});
