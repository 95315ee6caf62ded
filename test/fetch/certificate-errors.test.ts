import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { makeCertificate } from '../../src/testserver/index.ts';
import { fetchAll, outcomes, testServer } from './servers.ts';

const DAY_MS = 86_400_000;

for (const protocol of ['http/1.1', 'h2'] as const) {
  const get = async (t: TestContext, options: Parameters<typeof makeCertificate>[0], trusted: boolean) => {
    const certificate = await makeCertificate(options);
    const { httpsUrl } = await testServer(t, { certificate });
    const run = (tls: object) =>
      fetchAll([`${httpsUrl}/get`, `${httpsUrl}/get?2`], { protocol, tls, retries: 3 });
    const { results, exchanges } = await run(trusted ? { ca: certificate.cert } : {});
    assert.deepEqual(outcomes((await run({ insecure: true })).results), { 200: 2 });
    assert.ok(exchanges.length === 2 || results.every(({ error }) => error === null), 'not tried again');
    return results[1]!.error;
  };

  test(`a trusted certificate for this host is good, over ${protocol}`, async (t) => {
    assert.equal(await get(t, {}, true), null);
  });

  test(`an untrusted certificate is tls-untrusted, naming it and the option, over ${protocol}`, async (t) => {
    const error = await get(t, {}, false);
    assert.equal(error?.code, 'tls-untrusted');
    assert.match(error.message, /abreast test server.*tls\.ca.*tls\.insecure/);
  });

  test(`an expired certificate is tls-expired, naming the day, over ${protocol}`, async (t) => {
    const notAfter = new Date(Date.now() - DAY_MS);
    const error = await get(t, { notBefore: new Date(Date.now() - 9 * DAY_MS), notAfter }, true);
    assert.equal(error?.code, 'tls-expired');
    assert.match(error.message, new RegExp(`expired on ${notAfter.toISOString().slice(0, 10)}`));
  });

  test(`a certificate for another host is tls-wrong-host, naming both, over ${protocol}`, async (t) => {
    const error = await get(t, { onlyNames: ['other.test'] }, true);
    assert.equal(error?.code, 'tls-wrong-host');
    assert.match(error.message, /is for other\.test, not for 127\.0\.0\.1/);
  });
}

test('what speaks no TLS is said to speak none', async (t) => {
  const { httpPort } = await testServer(t);
  const { results } = await fetchAll([`https://127.0.0.1:${httpPort}/get`], { retries: 0 });
  assert.equal(results[0]!.error?.code, 'tls');
  assert.match(results[0]!.error.message, /speaks no TLS; is it http:/);
});

test('a server that wants a certificate of ours, and says so after the handshake, is named with the option', async (t) => {
  const { cert, key } = await makeCertificate({});
  const server = tls.createServer({ cert, key, requestCert: true, rejectUnauthorized: true, ca: cert });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { results } = await fetchAll([url], { retries: 0, tls: { insecure: true } });
  assert.equal(results[0]!.error?.code, 'tls');
  assert.match(results[0]!.error.message, /does not accept who we are .*tls\.cert and tls\.key/);
});
