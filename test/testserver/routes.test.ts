import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, zstdDecompressSync } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { rawGet, session, streamGet } from './wire.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

/** The whole body over HTTP/1.1 in the clear, as it was sent. */
async function bodyOf(path: string): Promise<Buffer> {
  return Buffer.from(await (await request(server.httpUrl + path)).body.arrayBuffer());
}

describe('routes', () => {
  test('a long list comes page by page, by cursor or Link, whole or of one kind', async () => {
    for (const kind of ['', '&kind=lamp']) {
      const ids: number[] = [];
      let path: string | undefined = `/items/203?size=20${kind}`;
      while (path !== undefined) {
        const { headers, body }: Dispatcher.ResponseData = await request(server.httpUrl + path);
        const page = (await body.json()) as { items: { id: number }[]; total: number; next: string | null };
        ids.push(...page.items.map(({ id }) => id));
        path = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
        assert.equal(path === undefined, page.next === null);
        if (path !== undefined)
          assert.equal(new URL(path, server.httpUrl).searchParams.get('after'), page.next);
        else assert.equal(ids.length, page.total);
      }
      const all = Array.from({ length: 203 }, (_, at) => at + 1);
      assert.deepEqual(ids, kind === '' ? all : all.filter((id) => id % 5 === 2));
    }
    assert.deepEqual(JSON.parse(String(await bodyOf('/items/9?kind=none'))), {
      items: [],
      total: 0,
      next: null,
    });
  });

  test('who comes together is answered together, and not before', async () => {
    server.resetStats();
    const first = bodyOf('/together/3?delay=0.1');
    const second = bodyOf('/together/3');
    while (server.stats().requests < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(server.stats().inFlight.now, 2);
    const third = bodyOf('/together/3');
    for (const body of [first, second, third]) assert.equal(JSON.parse(String(await body)).method, 'GET');
    assert.equal(server.stats().inFlight.max, 3);
    assert.equal((await request(`${server.httpUrl}/together/0`)).statusCode, 400);
  });

  test('random bytes are as many as asked, and the same for the same seed', async () => {
    assert.equal((await bodyOf('/bytes/200000')).length, 200_000);
    const seeded = await bodyOf('/bytes/100?seed=1');
    assert.equal(seeded.length, 100);
    assert.deepEqual(await bodyOf('/bytes/100?seed=1'), seeded);
    assert.deepEqual(await bodyOf('/stream-bytes/100?seed=1&chunk_size=7'), seeded);
    assert.notDeepEqual(await bodyOf('/bytes/100?seed=2'), seeded);
    assert.notDeepEqual(await bodyOf('/bytes/100'), await bodyOf('/bytes/100'));
  });

  test('brotli and zstd, which go-httpbin has not, unpack to the request', async () => {
    const brotli = JSON.parse(brotliDecompressSync(await bodyOf('/brotli')).toString());
    const zstd = JSON.parse(zstdDecompressSync(await bodyOf('/zstd')).toString());
    assert.deepEqual([brotli.brotli, zstd.zstd, zstd.method], [true, true, 'GET']);
  });

  test('a delay lasts as long as it says', async () => {
    const startedMs = performance.now();
    await bodyOf('/delay/0.2');
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs >= 195, String(tookMs));
  });

  test('a drip comes byte by byte over its duration', async () => {
    const arrivedMs: number[] = [];
    const { body } = await request(`${server.httpUrl}/drip?numbytes=5&duration=0.4&delay=0`);
    for await (const chunk of body) for (const _ of chunk as Buffer) arrivedMs.push(performance.now());
    assert.equal(arrivedMs.length, 5);
    assert.ok(arrivedMs[4]! - arrivedMs[0]! >= 300);
    assert.ok(arrivedMs[2]! - arrivedMs[0]! >= 100);
  });

  test('a million bytes drip in one go when there is no time', async () => {
    assert.equal((await bodyOf('/drip?numbytes=1000000&duration=0&delay=0')).length, 1_000_000);
  });

  test('answers are the same over HTTP/2', async () => {
    const client = session(server);
    for (const path of [
      '/json',
      '/status/418',
      '/bytes/50?seed=1',
      '/stream-bytes/50?seed=1',
      '/redirect/2',
    ]) {
      const own = await streamGet(client, path);
      const other = await request(server.httpUrl + path);
      assert.equal(own.status, other.statusCode);
      assert.equal(own.headers['content-length'], other.headers['content-length']);
      assert.equal(own.headers.location, other.headers.location);
      assert.deepEqual(own.body, Buffer.from(await other.body.arrayBuffer()));
    }
    const get = JSON.parse((await streamGet(client, '/get?a=1')).body.toString());
    assert.deepEqual(get.args, { a: ['1'] });
    assert.equal(get.url, `${server.httpsUrl}/get?a=1`);
    client.destroy();
  });

  test('HEAD has the fields of GET and no body, whole or streamed', async () => {
    for (const path of ['/json', '/stream-bytes/50', '/fault/endless-body', '/drip?delay=0&duration=0']) {
      const { text } = await rawGet(server, path, { method: 'HEAD', waitMs: 200 });
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
    }
    const client = session(server);
    const head = client.request({ ':path': '/stream-bytes/50', ':method': 'HEAD' });
    const ended = new Promise((resolve) => head.on('end', resolve).resume());
    await ended;
    assert.equal((await streamGet(client, '/get')).status, 200);
    client.destroy();
  });

  test('/ lists every route and fault', async () => {
    const page = (await bodyOf('/')).toString();
    for (const pattern of ['/get', '/delay/:time', '/fault/gzip-bomb', '/stats/reset']) {
      assert.ok(page.includes(`<code>${pattern}</code>`), pattern);
    }
  });

  test('no query writes fields of its own into an answer', async () => {
    for (const path of [
      '/redirect-to?url=/a%0d%0aX-Own:1',
      '/response-headers?X%0d%0aX-Own=1',
      '/response-headers?X=1%0aX-Own:1',
    ]) {
      const answer = await request(server.httpUrl + path);
      assert.deepEqual([answer.statusCode, answer.headers['x-own']], [400, undefined], path);
    }
    const cookies = await request(`${server.httpUrl}/cookies/set?a=1%3B%20Secure%0d%0aX-Own:1`);
    assert.deepEqual(cookies.headers['set-cookie'], 'a=1SecureX-Own:1; HttpOnly');
    const other = await request(`${server.httpUrl}/redirect-to?url=/%E2%82%AC`);
    assert.equal(other.headers.location, '/%E2%82%AC');
  });

  test('a path with a broken escape is answered 400', async () => {
    assert.equal((await request(`${server.httpUrl}/base64/%zz`)).statusCode, 400);
  });
});

describe('what the server counts', () => {
  const stats = async () => JSON.parse((await bodyOf('/stats')).toString());

  for (const allowH2 of [false, true]) {
    test(`requests side by side are in flight together, over ${allowH2 ? 'HTTP/2' : 'HTTP/1.1'}`, async () => {
      server.resetStats();
      const dispatcher = new Agent({ connect: { ca: server.ca }, allowH2 });
      const get = async () =>
        (await request(`${server.httpsUrl}/together/20?delay=0.3`, { dispatcher })).body.dump({
          limit: 10_000,
        });
      await Promise.all(Array.from({ length: 20 }, get));
      const { requests, inFlight, byProtocol } = await stats();
      assert.deepEqual([requests, byProtocol[allowH2 ? 'h2' : 'http/1.1']], [20, 20]);
      assert.equal(inFlight.max, 20);
      assert.ok(inFlight.mean > 1 && inFlight.mean <= 20, String(inFlight.mean));
      assert.equal(inFlight.now, 0);
      await dispatcher.close();
    });
  }

  test('requests one after the other are one in flight, and pauses between them don’t count', async () => {
    server.resetStats();
    for (let i = 0; i < 3; i++) {
      await bodyOf('/delay/0.05');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { requests, inFlight, busyMs, sinceMs } = await stats();
    assert.deepEqual({ requests, inFlight }, { requests: 3, inFlight: { now: 0, mean: 1, max: 1 } });
    assert.ok(busyMs < sinceMs / 1.5, `${busyMs} of ${sinceMs}`);
  });

  test('the log gives every request, and the mean follows from it', async () => {
    server.resetStats();
    await Promise.all(['/delay/0.1', '/delay/0.2', '/delay/0.3'].map(bodyOf));
    const { log, inFlight, busyMs } = server.fullStats();
    const totalMs = log.reduce((sum, seen) => sum + (seen.endMs! - seen.startMs), 0);
    assert.deepEqual(log.map(({ path }) => path).sort(), ['/delay/0.1', '/delay/0.2', '/delay/0.3']);
    assert.equal(new Set(log.map(({ remotePort }) => remotePort)).size, 3);
    assert.ok(Math.abs(totalMs / busyMs - inFlight.mean!) < 1e-6);
    const served = JSON.parse((await bodyOf('/stats?full=1')).toString());
    assert.deepEqual(served.log, log);
  });

  test('a client that goes away is no longer in flight', async () => {
    server.resetStats();
    const socket = connect(server.httpPort!, '127.0.0.1');
    socket.write('GET /delay/5 HTTP/1.1\r\nHost: test\r\n\r\n');
    await until(() => server.stats().inFlight.now === 1);
    socket.destroy();
    await until(() => server.stats().inFlight.now === 0);
  });

  test('looking at the counts does not change them, resetting empties them', async () => {
    await bodyOf('/get');
    const before = await stats();
    assert.equal((await stats()).requests, before.requests);
    assert.equal(JSON.parse((await bodyOf('/stats/reset')).toString()).requests, before.requests);
    assert.equal((await stats()).requests, 0);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 300) throw new Error('it did not come to pass in 3 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('docs/serve.md names every route', async () => {
  const docs = readFileSync(new URL('../../docs/serve.md', import.meta.url), 'utf8');
  const listed = [...(await bodyOf('/')).toString().matchAll(/<code>([^<]+)<\/code>/g)].map(
    ([, path]) => path!,
  );
  const named = new Set([...docs.matchAll(/`(?:GET )?(\/[^`?\s]*)/g)].map(([, path]) => path!));
  assert.ok(listed.length > 60);
  const missing = listed.filter((path) => !named.has(path));
  assert.deepEqual(missing, []);
});
