import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ErrorCode, Options } from '../../src/fetch/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { bareServer, fetchAll, fetchOne, OK, outcomes, says, testServer, times } from './servers.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const H1: readonly ['http/1.1'] = ['http/1.1'];
const BOTH = ['http/1.1', 'h2'] as const;
const insecure = { tls: { insecure: true } };
const DAMAGED = /^(reset|body-truncated)$/;

/** Routes that are at fault, what comes of them, and in words. */
const FAULTS: readonly (readonly [string, readonly ('http/1.1' | 'h2')[], RegExp, RegExp, Options?])[] = [
  ['reset-connection', BOTH, /^reset$/, /reset|ended/],
  ['reset-in-header', H1, /^reset$/, /reset/],
  ['reset-in-body', BOTH, DAMAGED, /reset|500 of 1000|ended/],
  ['close', BOTH, /^reset$/, /closed|ended/],
  ['cut-body', BOTH, /^body-truncated$/, /500 (of 1000 )?bytes/],
  ['silence', BOTH, /^timeout-first-byte$/, /firstByteTimeout/, { firstByteTimeout: '1500ms' }],
  ['endless-body', BOTH, /^body-too-large$/, /100000 bytes.*maxBody/, { maxBody: 100_000 }],
  ['endless-body', BOTH, /^timeout$/, /within 300 ms.*timeout/, { timeout: '300ms' }],
  ['endless-header', H1, /^bad-header$/, /longer than 64 KiB/],
  ['long-header', H1, /^bad-header$/, /longer than 64 KiB/],
  ['slow-header?pause=20ms', H1, /^timeout$/, /within 300 ms/, { timeout: '300ms' }],
  ['nonsense', H1, /^bad-header$/, /I never learned/],
  ['two-lengths', H1, /^bad-header$/, /content-length/],
  ['both-lengths', H1, /^bad-header$/, /content-length/],
  ['bad-chunk', H1, /^bad-body$/, /chunk/],
  ['cut-chunk', H1, /^body-truncated$/, /last chunk/],
  ['gzip-bomb', BOTH, /^body-too-large$/, /67108864 bytes/],
  ['gzip-bomb?megabytes=10', BOTH, /^body-too-large$/, /2000000 bytes/, { maxBody: 2_000_000 }],
  ['broken-gzip', BOTH, /^bad-body$/, /not the gzip it says/],
  ['cut-gzip', BOTH, /^bad-body$/, /not the gzip it says/],
  ['gzip-checksum', BOTH, /^bad-body$/, /not the gzip it says/],
  ['not-gzip', BOTH, /^bad-body$/, /not the gzip it says/],
  ['redirect-circle', BOTH, /^redirect-loop$/, /circle/],
  ['refuse-stream', ['h2'], /^protocol$/, /REFUSED_STREAM/],
];
for (const [fault, protocols, code, text, options] of FAULTS)
  for (const protocol of protocols)
    test(`/fault/${fault} over ${protocol} is ${code.source}, and costs its neighbours nothing`, async () => {
      const base = server.httpsUrl!;
      const urls = [`${base}/get`, `${base}/fault/${fault}`, `${base}/get?2`];
      const { results } = await fetchAll(urls, {
        protocol,
        retries: 0,
        ...insecure,
        ...options,
        concurrency: 1,
      });
      assert.equal(results.length, 3);
      results.sort((a, b) => a.index - b.index);
      assert.match(results[1]!.error?.code ?? String(results[1]!.status), code);
      assert.match(results[1]!.error!.message, text);
      assert.deepEqual([results[0]!.status, results[2]!.status], [200, 200]);
    });

test('more bytes than announced end the connection, over HTTP/2 the answer too', async () => {
  const url = `${server.httpsUrl}/fault/long-body`;
  const h1 = await fetchOne(url, { protocol: 'http/1.1', retries: 0, ...insecure });
  assert.deepEqual([h1.error, h1.body!.length], [null, 1000]);
  const { error } = await fetchOne(url, { protocol: 'h2', retries: 0, ...insecure });
  assert.match(error!.code, /^(protocol|body-truncated)$/);
});

const CODINGS = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };
for (const [coding, compress] of Object.entries(CODINGS))
  test(`${coding} is decoded, small and large; broken and cut it is bad-body, too long body-too-large`, async (t) => {
    const serve = (body: Buffer) =>
      bareServer(t, (socket) =>
        socket.on('data', () => {
          socket.write(
            `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
          );
          socket.write(body);
        }),
      );
    const large = Buffer.from(times(400_000, (i) => (i * i) % 251));
    for (const whole of [Buffer.from('hello '.repeat(100)), large]) {
      const packed = compress(whole);
      const good = await fetchOne(await serve(packed));
      assert.deepEqual([good.error, good.body!.equals(whole), good.bytes], [null, true, packed.length]);
      const cut = await fetchOne(await serve(packed.subarray(0, packed.length - 9)));
      assert.equal(cut.error?.code, 'bad-body', `cut ${coding}`);
      const long = await fetchOne(await serve(packed), { maxBody: whole.length - 1 });
      assert.equal(long.error?.code, 'body-too-large');
    }
    const broken = await fetchOne(await serve(Buffer.from('this was never compressed')));
    assert.equal(broken.error?.code as ErrorCode, 'bad-body');
    assert.match(broken.error!.message, new RegExp(`not the ${coding} it says`));
  });

const PLAIN: readonly (readonly [string, string, number, string])[] = [
  ['HTTP/1.0, which ends with the connection', 'HTTP/1.0 200 OK\r\n\r\nold', 200, 'old'],
  ['a body until the close', 'HTTP/1.1 200 OK\r\n\r\nthe rest', 200, 'the rest'],
];
for (const [what, bytes, status, body] of PLAIN)
  test(`${what} is no fault`, async (t) => {
    const url = await bareServer(t, (socket) => socket.once('data', () => socket.end(bytes)));
    const { results, exchanges } = await fetchAll([url, url], { concurrency: 1 });
    assert.deepEqual(
      results.map((result) => [result.status, result.text(), result.attempts]),
      times(2, () => [status, body, 1]),
    );
    assert.equal(exchanges.length, 2);
  });

test('early hints before the answer are no fault', async () => {
  for (const protocol of BOTH) {
    const result = await fetchOne(`${server.httpsUrl}/fault/early-hints`, { protocol, ...insecure });
    assert.deepEqual([result.status, result.attempts], [200, 1]);
  }
});

test('204 and 304 have no body, whatever their length says, and the connection goes on', async (t) => {
  for (const status of [204, 304]) {
    const url = await bareServer(
      t,
      says(`HTTP/1.1 ${status} X\r\ncontent-length: ${status === 304 ? 99 : 0}\r\n\r\n`),
    );
    const { results, connections } = await fetchAll([url, url], { concurrency: 1 });
    assert.deepEqual(outcomes(results), { [status]: 2 });
    assert.equal(connections.length, 1);
  }
});

test('a connection that the server closed between two requests costs neither a retry nor a wait', async (t) => {
  const url = await bareServer(t, (socket) => {
    socket.once('data', () => {
      socket.write(OK);
      // Closed without an answer to the second request, as when its keep-alive time is over just then.
      socket.once('data', () => socket.destroy());
    });
  });
  const { results, exchanges } = await fetchAll(
    times(6, () => url),
    { concurrency: 1, retries: 0 },
  );
  assert.deepEqual(outcomes(results), { 200: 6 });
  assert.ok(exchanges.some(({ error, because }) => error === 'reset' && because === 'first'));
});

test('a hole in the middle of an answer is timeout-idle', async (t) => {
  const url = await bareServer(t, (socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive')),
  );
  const result = await fetchOne(url, { idleTimeout: '150ms' });
  assert.equal(result.error?.code, 'timeout-idle');
  assert.match(result.error.message, /stopped for 150 ms.*idleTimeout/);
});

test('a slow answer that keeps coming is waited for, past every limit between two bytes', async () => {
  const url = `${server.httpUrl}/drip?numbytes=8&duration=2400ms&delay=0ms`;
  const result = await fetchOne(url, { idleTimeout: '1500ms', firstByteTimeout: '1500ms' });
  assert.deepEqual([result.status, result.body!.length], [200, 8]);
});

for (const scheme of ['http:', 'https:'])
  test(`a connection that is not to be had in time is timeout-connect, over ${scheme}`, async (t) => {
    const silent = (await bareServer(t, () => {})).replace('http:', scheme);
    const options: Options = { connectTimeout: '150ms', firstByteTimeout: '200ms', retries: 0 };
    const { error } = await fetchOne(silent, options);
    assert.equal(error?.code, scheme === 'https:' ? 'timeout-connect' : 'timeout-first-byte');
  });

test('timeouts after the connection stood are not tried again', async () => {
  const result = await fetchOne(`${server.httpUrl}/fault/silence`, { firstByteTimeout: '100ms', retries: 3 });
  assert.equal(result.attempts, 1);
});

test('each attempt has the whole of the time limit', async (t) => {
  const own = await testServer(t);
  const url = `${own.httpUrl}/fault/503?times=2&retry-after=1`;
  const result = await fetchOne(url, { timeout: '700ms' });
  assert.deepEqual([result.status, result.attempts], [200, 3]);
});
