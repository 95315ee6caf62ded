import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { makeCertificate, startServer, type TestServer } from '../../src/testserver/index.ts';

describe('the test server', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.close());

  test('answers on HTTP/1.1 in the clear', async () => {
    const answer = await request(`${server.httpUrl}/get?a=1&a=2`);
    assert.deepEqual(((await answer.body.json()) as { args: unknown }).args, { a: ['1', '2'] });
  });

  test('is verified by a client that trusts its certificate, over HTTP/1.1 and HTTP/2, on one port', async () => {
    for (const allowH2 of [false, true]) {
      const before = server.stats().byProtocol[allowH2 ? 'h2' : 'http/1.1'] ?? 0;
      const dispatcher = new Agent({ connect: { ca: server.ca }, allowH2 });
      const answer = await request(`${server.httpsUrl}/bytes/10`, { dispatcher });
      assert.equal((await answer.body.arrayBuffer()).byteLength, 10);
      await dispatcher.close();
      assert.equal(server.stats().byProtocol[allowH2 ? 'h2' : 'http/1.1'], before + 1);
    }
  });

  test('is not trusted by a client that was not given the certificate', async () => {
    const dispatcher = new Agent();
    await assert.rejects(request(`${server.httpsUrl}/get`, { dispatcher }), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    await dispatcher.close();
  });

  test('allows as many streams on a connection as it was told', async () => {
    const small = await startServer({ maxStreams: 7 });
    const session = connectHttp2(small.httpsUrl!, { ca: small.ca });
    const settings = await new Promise<{ maxConcurrentStreams?: number }>((resolve) =>
      session.once('remoteSettings', resolve),
    );
    session.destroy();
    await small.close();
    assert.equal(settings.maxConcurrentStreams, 7);
  });

  test('can have a certificate that has expired, or is for another host', async () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    const weekAgo = new Date(Date.now() - 7 * 86_400_000);
    const cases = [
      {
        certificate: await makeCertificate({ notBefore: weekAgo, notAfter: yesterday }),
        code: 'CERT_HAS_EXPIRED',
      },
      {
        certificate: await makeCertificate({ onlyNames: ['other.example'] }),
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      },
    ];
    for (const { certificate, code } of cases) {
      const bad = await startServer({ certificate });
      const dispatcher = new Agent({ connect: { ca: bad.ca } });
      await assert.rejects(request(`${bad.httpsUrl}/get`, { dispatcher }), { code });
      await dispatcher.close();
      await bad.close();
    }
  });

  for (const protocol of ['http/1.1', 'h2'] as const)
    test(`does not leave a POST that is too big without an answer, nor keep it, over ${protocol}`, async () => {
      const kept = process.memoryUsage().arrayBuffers;
      const part = Buffer.alloc(1024 * 1024);
      const session = protocol === 'h2' ? connectHttp2(server.httpsUrl!, { ca: server.ca }) : null;
      const post =
        session?.request({ ':method': 'POST', ':path': '/post' }) ??
        httpRequest(`${server.httpUrl}/post`, { method: 'POST' });
      const closed = once(post, 'close').then(() => assert.fail('closed without an answer'));
      const answered = Promise.race([once(post, 'response'), closed]);
      let sent = 0;
      Readable.from(
        (function* () {
          for (; sent < 64; sent++) yield part;
        })(),
      ).pipe(post);
      const [head] = await answered;
      assert.equal(head.statusCode ?? head[':status'], 400);
      assert.match(await text(session === null ? head : post), /longer than 1048576 bytes/);
      assert.ok(process.memoryUsage().arrayBuffers - kept < 32 * 1024 * 1024, `${sent} MiB sent`);
      post.destroy();
      session?.close();
    });

  test('does not hold up a client that sends all of such a POST before it reads', {
    timeout: 30_000,
  }, async () => {
    const socket = connectTcp(server.httpPort!, '127.0.0.1');
    const body = Buffer.alloc(40 * 1024 * 1024);
    socket.write(`POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n\r\n`);
    await new Promise((sent) => socket.write(body, sent));
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  test('goes on after clients that send nonsense, break off, or take their requests back', async () => {
    for (const port of [server.httpPort!, server.httpsPort!]) {
      for (const bytes of [
        '\0\x01\x02 nonsense\r\n\r\n',
        'GET /get HTTP/1.1\r\nHost: a\r\nX: ',
        '\x16\x03\x01\x02\0\x01',
      ]) {
        const socket = connectTcp(port, '127.0.0.1');
        await once(socket, 'connect');
        await new Promise((resolve) => socket.write(bytes, resolve));
        socket.resetAndDestroy();
      }
    }
    const session = connectHttp2(server.httpsUrl!, { ca: server.ca });
    await once(session, 'connect');
    for (const path of [
      '/delay/0.05',
      '/drip?delay=0.05',
      '/stream-bytes/1000000',
      '/bytes/1000000',
      '/gzip',
    ]) {
      const stream = session.request({ ':path': path });
      stream.on('error', () => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
    session.destroy();
    assert.equal((await request(`${server.httpUrl}/get`)).statusCode, 200);
    assert.equal(server.stats().inFlight.now, 0);
  });

  test('says which port is taken', async () => {
    await assert.rejects(startServer({ httpPort: server.httpPort! }), {
      code: 'EADDRINUSE',
      port: server.httpPort,
    });
  });
});
