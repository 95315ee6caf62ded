import assert from 'node:assert/strict';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../../src/testserver/index.ts';
import { fetchAll, h2Server, listening, outcomes, testServer, times } from './servers.ts';

const insecure = { tls: { insecure: true } };
const h2 = { ...insecure, protocol: 'h2' } as const;

function ok(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200 });
  stream.end('ok');
}

test('as many connections are opened as the stream limit makes necessary', async (t) => {
  const server = await testServer(t, { maxStreams: 2 });
  const urls = times(60, () => `${server.httpsUrl}/delay/0.2`);
  const { results, connections } = await fetchAll(urls, { ...h2, concurrency: 20 });
  assert.deepEqual(outcomes(results), { 200: 60 });
  assert.equal(server.stats().inFlight.max, 20);
  assert.ok(connections.length >= 10 && connections.length <= 15, `${connections.length} connections`);
  assert.ok(results.every(({ attempts }) => attempts <= 2));
});

test('1,000 wanted of a server that takes 250 a connection go out on four, and not 250 at a time', async (t) => {
  const server = await testServer(t, { maxStreams: 250 });
  const urls = times(1500, () => `${server.httpsUrl}/delay/1`);
  const { results, connections } = await fetchAll(urls, { ...insecure, concurrency: 1000 });
  assert.deepEqual(outcomes(results), { 200: 1500 });
  assert.ok(server.stats().inFlight.max > 600, `${server.stats().inFlight.max} at most`);
  assert.ok(server.stats().inFlight.mean! > 300, `${server.stats().inFlight.mean}`);
  assert.ok(connections.length <= 5, `${connections.length} connections`);
  assert.equal(connections[0]!.protocol, 'h2');
});

test('more than 100 go out on one connection as soon as the server allows it, without another answer', async (t) => {
  const server = await testServer(t);
  const { connections } = await fetchAll(
    times(200, () => `${server.httpsUrl}/delay/0.5`),
    {
      ...h2,
      concurrency: 200,
    },
  );
  assert.equal(server.stats().inFlight.max, 200);
  assert.equal(connections.length, 1);
});

test('refused streams are tried again at once, without spending a retry', async (t) => {
  const server = await testServer(t);
  const urls = times(20, (i) => `${server.httpsUrl}/fault/refuse-stream?times=2&key=${i}`);
  const { results } = await fetchAll(urls, { ...h2, retries: 0 });
  assert.deepEqual(outcomes(results), { 200: 20 });
  assert.ok(results.every(({ attempts }) => attempts === 3));
});

test('GOAWAY ends the use of a connection, and nothing is lost', async (t) => {
  const server = await testServer(t);
  for (const fault of ['goaway?percent=10', 'goaway-lost?times=3']) {
    const urls = times(40, () => `${server.httpsUrl}/fault/${fault}`);
    const { results, connections } = await fetchAll(urls, { ...h2, concurrency: 4 });
    assert.deepEqual(outcomes(results), { 200: 40 }, fault);
    assert.ok(connections.length > 1);
  }
});

test('what comes after GOAWAY goes over a new connection, while the old one still answers', async (t) => {
  const url = await h2Server(t, (stream, ordinal) => {
    if (ordinal === 1) stream.session!.goaway(0, stream.id);
    setTimeout(ok, ordinal < 2 ? 600 : 5, stream);
  });
  async function* later() {
    for (let i = 0; i < 8; i++) {
      yield `${url}/${i}`;
      await sleep(30);
    }
  }
  const { results, connections, exchanges } = await fetchAll(later(), { ...h2, retries: 0 });
  assert.deepEqual(outcomes(results), { 200: 8 });
  assert.equal(exchanges.length, 8);
  assert.equal(connections.length, 2);
});

test('a server that allows no stream for a while, and then many, does not stay in doubt', async (t) => {
  const server = createSecureServer({ ...(await makeCertificate()), settings: { maxConcurrentStreams: 0 } });
  let sessions = 0;
  let inFlight = 0;
  let most = 0;
  server.on('session', (session) => {
    session.on('error', () => {});
    // Five that can't be used, and an origin is held to be down; the next one decides.
    if (++sessions > 5) setTimeout(() => session.settings({ maxConcurrentStreams: 100 }), 50);
  });
  server.on('stream', (stream) => {
    most = Math.max(most, ++inFlight);
    setTimeout(() => {
      inFlight--;
      ok(stream);
    }, 200);
  });
  const url = `https://127.0.0.1:${await listening(t, server)}`;
  const urls = times(20, (i) => `${url}/${i}`);
  const { results } = await fetchAll(urls, { ...h2, concurrency: 10, connectTimeout: '400ms', retries: 5 });
  assert.ok(sessions > 5);
  assert.equal(outcomes(results)[200], 20, JSON.stringify(outcomes(results)));
  assert.ok(most > 5, `${most} at once`);
});

test('redirects are followed on the connection they came over', async (t) => {
  const server = await testServer(t);
  const { results, connections, exchanges } = await fetchAll(
    times(10, () => `${server.httpsUrl}/redirect/5`),
    { ...h2, retries: 0 },
  );
  assert.deepEqual(outcomes(results), { 200: 10 });
  assert.equal(exchanges.length, 60);
  assert.equal(connections.length, 1);
});

test('a server that does not speak HTTP/2 is spoken to in HTTP/1.1', async (t) => {
  const server = await testServer(t, { http2: false });
  const { results, connections } = await fetchAll(
    times(20, () => `${server.httpsUrl}/get`),
    h2,
  );
  assert.deepEqual(outcomes(results), { 200: 20 });
  assert.ok(connections.every(({ protocol }) => protocol === 'http/1.1'));
});
