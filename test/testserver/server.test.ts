import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { startServer, type TestServer } from '../../src/testserver/index.ts';

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

  test('says which port is taken', async () => {
    await assert.rejects(startServer({ httpPort: server.httpPort! }), {
      code: 'EADDRINUSE',
      port: server.httpPort,
    });
  });
});
