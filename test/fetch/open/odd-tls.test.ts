import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import tls, { type TLSSocket, type TlsOptions } from 'node:tls';
import type { Options } from '../../../src/fetch/index.ts';
import { makeCertificate } from '../../../src/testserver/index.ts';
import { fetchAll, fetchOne, listening, OK, outcomes, times } from '../servers.ts';

const options: Options = { tls: { insecure: true }, proxy: '', retries: 0 };

/** A TLS server that does `speak` with each connection. */
async function serve(t: TestContext, options: TlsOptions, speak: (socket: TLSSocket) => void) {
  const server = tls.createServer({ ...(await makeCertificate()), ...options }, (socket) => {
    socket.on('error', () => {});
    speak(socket);
  });
  server.on('tlsClientError', () => {});
  return { server, url: `https://127.0.0.1:${await listening(t, server)}/` };
}

for (const [when, before] of [
  ['before its answer', 0],
  ['within its answer', 20],
] as const)
  test(`a server that renegotiates (TLS 1.2) ${when} does not lose it`, async (t) => {
    let renegotiated = 0;
    const { url } = await serve(t, { maxVersion: 'TLSv1.2' }, (socket) => {
      socket.on('data', () => {
        socket.write(OK.slice(0, before));
        socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, () => {
          renegotiated++;
          socket.write(OK.slice(before));
        });
      });
    });
    const { status, error } = await fetchOne(url, options);
    assert.equal(status, 200, error?.message);
    assert.equal(renegotiated, 1);
  });

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`session tickets that the server can no longer read break no handshake (${version})`, async (t) => {
    const { server, url } = await serve(t, { minVersion: version, maxVersion: version }, (socket) => {
      server.setTicketKeys(randomBytes(48));
      socket.on('data', () => socket.end(OK.replace('\r\n', '\r\nconnection: close\r\n')));
    });
    const { results } = await fetchAll(
      times(50, (i) => `${url}${i}`),
      { ...options, concurrency: 5 },
    );
    assert.deepEqual(outcomes(results), { 200: 50 });
  });
