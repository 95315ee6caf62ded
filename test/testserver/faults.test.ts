import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { after, before, describe, test } from 'node:test';
import { createGunzip, gunzipSync } from 'node:zlib';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { rawGet, session, streamGet } from './wire.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

for (const tls of [false, true]) {
  describe(`faults over HTTP/1.1 ${tls ? 'with TLS' : 'in the clear'}`, () => {
    const closes = (name: string, pattern: RegExp) =>
      test(`${name} sends what it says and closes`, async () => {
        const { text, end } = await rawGet(server, `/fault/${name}`, { tls });
        assert.match(text, pattern);
        assert.equal(end, 'closed');
      });
    closes('nonsense', /^I never/);
    closes('bad-status-line', /^HTTP\/1\.1 banana/);
    closes('bad-version', /^HTTP\/9\.9 200/);
    closes('bad-header', /\r\nThis line has no colon\r\n/);
    closes('header-space', /\r\nX-Spaced : yes\r\n/);
    closes('bare-cr', /X-Bare: a\rSet/);
    closes('nul-header', /X-Nul: a\0b/);
    closes('bad-length', /Content-Length: 2x\r\n/);
    closes('two-lengths', /Content-Length: 2\r\nContent-Length: 3\r\n/);
    closes('both-lengths', /Content-Length: 2\r\nTransfer-Encoding: chunked/);
    closes('bad-chunk', /\r\n\r\nxyz\r\n/);
    closes('long-chunk', /\r\n\r\n2\r\nokay\r\n/);
    closes('cut-chunk', /\r\n\r\n2\r\nok\r\n$/);
    closes('until-close', /^HTTP\/1\.1 200 OK\r\n\r\nok$/);
    closes('close', /^$/);
    closes('cut-body', /Content-Length: 1000\r\n[\s\S]*\r\n\r\n\0{500}$/);
    closes('long-body', /Content-Length: 1000\r\n\r\nx{1010}$/);
    closes('close-after', /^HTTP\/1\.1 200 [\s\S]*ok$/);
    closes('long-header?bytes=50000', /X-Long: x{50000}\r\n/);

    const resets = (name: string, pattern: RegExp) =>
      test(`${name} ends in a TCP reset`, async () => {
        const { text, end } = await rawGet(server, `/fault/${name}`, { tls });
        assert.match(text, pattern);
        assert.equal(end, 'reset');
      });
    resets('reset-connection', /^$/);
    resets('reset-in-header', /Content-Type: text\/pl$/);
    resets('reset-in-body', /Content-Length: 1000\r\n[\s\S]*\0{500}$/);

    test('silence never answers, and counts as in flight', async () => {
      const received = rawGet(server, '/fault/silence', { tls, waitMs: 300 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(server.stats().inFlight.now, 1);
      assert.deepEqual(await received, { text: '', end: 'still open' });
    });

    test('an endless header and an endless body go on as long as they are read', async () => {
      for (const name of ['endless-header', 'endless-body']) {
        const { text, end } = await rawGet(server, `/fault/${name}`, { tls, enough: 200_000 });
        assert.equal(end, 'still open', name);
        assert.equal(text.includes('\r\n\r\n'), name === 'endless-body', name);
      }
    });

    test('a slow header comes in many pieces', async () => {
      const startedMs = performance.now();
      const { text } = await rawGet(server, '/fault/slow-header?pause=5ms', { tls });
      assert.match(text, /X-Slow: yes\r\n\r\nok$/);
      assert.ok(performance.now() - startedMs > text.length * 4);
    });

    test('early hints come before the answer', async () => {
      const { text } = await rawGet(server, '/fault/early-hints', { tls, waitMs: 300 });
      assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\n[\s\S]*\r\n\r\nHTTP\/1\.1 200 OK/);
    });
  });
}

describe('faults over HTTP/2', () => {
  const onStream = (name: string, expected: { status?: number; code: number; body?: number }) =>
    test(`${name} is a matter of the stream`, async () => {
      const client = session(server);
      const { status, code, body } = await streamGet(client, `/fault/${name}`);
      assert.deepEqual({ status, code }, { status: expected.status, code: expected.code });
      if (expected.body !== undefined) assert.equal(body.length, expected.body);
      assert.equal((await streamGet(client, '/get')).status, 200, 'the connection goes on');
      client.destroy();
    });
  onStream('refuse-stream', { code: constants.NGHTTP2_REFUSED_STREAM });
  onStream('reset-in-header', { code: constants.NGHTTP2_INTERNAL_ERROR });
  onStream('reset-in-body', { status: 200, code: constants.NGHTTP2_INTERNAL_ERROR, body: 500 });

  test('a body of another length than announced is found by the client (RFC 9113 §8.1.1)', async () => {
    const client = session(server);
    for (const name of ['cut-body', 'long-body']) {
      const { headers, code } = await streamGet(client, `/fault/${name}`);
      assert.equal(headers['content-length'], '1000');
      assert.notEqual(code, constants.NGHTTP2_NO_ERROR, name);
    }
    client.destroy();
  });

  test('goaway answers, and allows no more streams', async () => {
    const client = session(server);
    const told = new Promise<number>((resolve) => client.once('goaway', resolve));
    assert.equal((await streamGet(client, '/fault/goaway')).status, 200);
    assert.equal(await told, constants.NGHTTP2_NO_ERROR);
    assert.ok(client.closed);
    client.destroy();
  });

  test('goaway-lost names an earlier stream as the last', async () => {
    const client = session(server);
    const told = new Promise<number>((resolve) => client.once('goaway', (_code, last) => resolve(last)));
    await streamGet(client, '/get');
    assert.equal((await streamGet(client, '/fault/goaway-lost')).status, undefined);
    assert.equal(await told, 1);
    client.destroy();
  });

  test('a connection can be reset', async () => {
    const client = session(server);
    const closed = new Promise((resolve) => client.once('close', resolve));
    assert.equal((await streamGet(client, '/fault/reset-connection')).status, undefined);
    await closed;
  });

  test('a connection can be closed instead of an answer, or after it', async () => {
    for (const [name, status] of [
      ['close', undefined],
      ['close-after', 200],
    ] as const) {
      const client = session(server);
      const closed = new Promise((resolve) => client.once('close', resolve));
      assert.equal((await streamGet(client, `/fault/${name}`)).status, status, name);
      await closed;
    }
  });

  test('silence answers nothing on its stream, and holds up no other', async () => {
    const client = session(server);
    const silent = streamGet(client, '/fault/silence');
    assert.equal((await streamGet(client, '/get')).status, 200);
    client.destroy();
    assert.equal((await silent).status, undefined);
  });

  test('an endless body goes on as long as it is read', async () => {
    const client = session(server);
    assert.ok((await streamGet(client, '/fault/endless-body', 200_000)).body.length >= 200_000);
    client.destroy();
  });

  test('early hints come before the answer', async () => {
    const client = session(server);
    const { informational, status } = await streamGet(client, '/fault/early-hints');
    assert.deepEqual({ informational, status }, { informational: [103], status: 200 });
    client.destroy();
  });

  test('what only HTTP/1.1 can get wrong is refused in words', async () => {
    const client = session(server);
    const { status, body } = await streamGet(client, '/fault/bad-chunk');
    assert.equal(status, 501);
    assert.match(body.toString(), /needs http\/1\.1/);
    client.destroy();
  });
});

describe('faults of either protocol', () => {
  const get = async (path: string) => {
    const answer = await fetch(`${server.httpUrl}${path}`, { redirect: 'manual' });
    await answer.arrayBuffer();
    return answer;
  };

  test('busy answers carry Retry-After, and stop after the first ?times of a ?key', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await get('/fault/429?times=2&key=a&retry-after=7')).status);
    assert.deepEqual(statuses, [429, 429, 200, 200]);
    const other = await get('/fault/429?times=2&key=b&retry-after=7');
    assert.deepEqual([other.status, other.headers.get('retry-after')], [429, '7']);
    assert.equal((await get('/fault/503')).status, 503);
  });

  test('?percent makes any fault a matter of chance', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => (await get('/fault/503?percent=50')).status),
    );
    const failed = statuses.filter((status) => status === 503).length;
    // 8 standard deviations to either side.
    assert.ok(failed > 43 && failed < 157, String(failed));
    assert.equal((await get('/fault/503?percent=0')).status, 200);
  });

  test('a redirect circle leads back to where it began', async () => {
    const there = (await get('/fault/redirect-circle')).headers.get('location')!;
    assert.equal((await get(there)).headers.get('location'), '/fault/redirect-circle');
  });

  test('a gzip bomb is one valid member of a thousand times its size', async () => {
    const response = await fetch(`${server.httpUrl}/fault/gzip-bomb?megabytes=64`, { headers: {} });
    let unpacked = 0;
    for await (const chunk of response.body!) unpacked += chunk.length;
    assert.equal(unpacked, 64 * 1024 * 1024);
    assert.ok(Number(response.headers.get('content-length')) < unpacked / 900);
  });

  test('broken gzip fails in each of its ways, whole gzip does not', async () => {
    const bodyOf = async (path: string) => {
      const { text } = await rawGet(server, path, { waitMs: 300 });
      return Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
    };
    assert.match(gunzipSync(await bodyOf('/gzip')).toString(), /"gzipped": true/);
    assert.throws(() => gunzipSync(''), { code: 'Z_BUF_ERROR' });
    const codes: string[] = [];
    for (const name of ['broken-gzip', 'cut-gzip', 'gzip-checksum', 'not-gzip']) {
      codes.push(await failureOf(await bodyOf(`/fault/${name}`)));
    }
    assert.deepEqual(codes, ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_DATA_ERROR', 'Z_DATA_ERROR']);
  });
});

function failureOf(body: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const gunzip = createGunzip();
    gunzip.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    gunzip.on('end', () => resolve('none'));
    gunzip.resume();
    gunzip.end(body);
  });
}
