import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, Server as NetServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRun } from '../../src/fetch/index.ts';
import { freePort } from '../servers/index.ts';
import { deadAddress } from './names/dead-address.ts';
import {
  bareServer,
  fetchAll,
  fetchOne,
  listening,
  OK,
  outcomes,
  says,
  testServer,
  times,
} from './servers.ts';

test('a 429 with a short Retry-After is obeyed, and the origin left alone until then', async (t) => {
  const server = await testServer(t);
  const url = `${server.httpUrl}/fault/429?times=1&retry-after=1`;
  const { results, summary } = await fetchAll(
    times(10, () => url),
    { concurrency: 1 },
  );
  assert.deepEqual(outcomes(results), { 200: 10 });
  const [first, second] = server.fullStats().log;
  assert.ok(second!.startMs - first!.startMs >= 950, `${second!.startMs - first!.startMs} ms`);
  assert.ok(summary.proof.givenUpMs.adapting! > 0 || summary.proof.givenUpMs['back-off']! > 0);
});

test('a Retry-After of an hour is an error at once', async (t) => {
  const server = await testServer(t);
  for (const adapt of [true, false]) {
    const result = await fetchOne(`${server.httpUrl}/fault/429?retry-after=3600`, { adapt });
    assert.deepEqual([result.error?.code, result.status, result.attempts], ['retry-after', 429, 1]);
    assert.match(result.error!.message, /3600 s, longer than the 60 s of maxRetryAfter/);
    assert.ok(result.totalMs! < 2000);
  }
  const date = encodeURIComponent(new Date(Date.now() + 3_600_000).toUTCString());
  const dated = await fetchOne(`${server.httpUrl}/fault/503?retry-after=${date}`);
  assert.equal(dated.error?.code, 'retry-after');
});

test('503 is tried again up to the number of retries, then the answer stands', async (t) => {
  const server = await testServer(t);
  const mended = await fetchOne(`${server.httpUrl}/fault/503?times=2`);
  assert.deepEqual([mended.status, mended.attempts], [200, 3]);
  const broken = await fetchOne(`${server.httpUrl}/fault/503?never`, { retries: 1 });
  assert.deepEqual([broken.status, broken.attempts, broken.error], [503, 2, null]);
  const plain = await fetchOne(`${server.httpUrl}/fault/500`);
  assert.deepEqual([plain.status, plain.attempts], [500, 1]);
});

test('an origin that complains gets fewer at once, and more again when it answers', async (t) => {
  let active = 0;
  let complaints = 0;
  const url = await bareServer(t, (socket) => {
    socket.on('data', () => {
      const busy = ++active > 10;
      if (busy) complaints++;
      setTimeout(() => {
        active--;
        socket.write(busy ? 'HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n' : OK);
      }, 10);
    });
  });
  const run = async (adapt: boolean) => {
    complaints = 0;
    const { results } = await fetchAll(
      times(600, () => url),
      { concurrency: 40, retries: 10, adapt },
    );
    assert.equal(results.length, 600);
    return complaints;
  };
  const [adapting, stubborn] = [await run(true), await run(false)];
  assert.ok(adapting * 1.5 < stubborn, `${adapting} complaints with adapting, ${stubborn} without`);
});

test('the retries of a run are a budget: 100, and one for every five requests', async (t) => {
  const server = await testServer(t);
  const urls = times(300, (i) => `${server.httpUrl}/fault/503?${i}`);
  const { results, exchanges } = await fetchAll(urls, { retries: 5, adapt: false, concurrency: 50 });
  assert.deepEqual(outcomes(results), { 503: 300 });
  assert.ok(
    exchanges.length > 300 + 100 && exchanges.length <= 300 + 100 + 60,
    `${exchanges.length} exchanges`,
  );
});

test('an origin is down after five failed connects in a row and one probe', async (t) => {
  let connects = 0;
  const url = (
    await bareServer(t, (socket) => {
      connects++;
      socket.destroy();
    })
  ).replace('http:', 'https:');
  const { results } = await fetchAll(
    times(200, () => url),
    { concurrency: 1 },
  );
  assert.equal(connects, 6);
  assert.equal(outcomes(results)['origin-down']! > 190, true);
  assert.match(
    results.at(-1)!.error!.message,
    /could not be connected to, several times in a row and once more/,
  );
});

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`an origin that is back before its probe loses nothing but what had failed, over ${protocol}`, async (t) => {
    const port = await freePort();
    const back = createServer((socket) => says(OK)(socket.on('error', () => {})));
    setTimeout(() => void listening(t, back, port), 400);
    const { results } = await fetchAll(
      times(300, () => `http://127.0.0.1:${port}`),
      { concurrency: 20, protocol },
    );
    assert.deepEqual(outcomes(results), { 200: 300 });
  });

test('an origin that answers, but takes no more connections, is not asked one at a time for ever', async (t) => {
  let answered = 0;
  let inFlight = 0;
  const most = { before: 0, late: 0 };
  const server = createHttpServer((_, response) => {
    inFlight++;
    most[answered < 400 ? 'before' : 'late'] = Math.max(most[answered < 400 ? 'before' : 'late'], inFlight);
    setTimeout(() => {
      inFlight--;
      answered++;
      response.end('{}');
    }, 20);
  });
  t.after(() => server.closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  let results = 0;
  const run = startRun(
    times(600, (at) => `http://127.0.0.1:${port}/${at}`),
    {
      result({ error }) {
        if (error === null) results++;
      },
    },
    { concurrency: 30 },
  );
  run.limit({ concurrency: 10 });
  while (answered < 50) await sleep(5);
  NetServer.prototype.close.call(server); // those that are connected stay
  run.limit({ concurrency: 30 });
  await run.finished;
  assert.equal(results, 600);
  assert.ok(most.late > 4, `${most.late} in flight at most, after ${most.before}`);
});

test('over HTTP/2 too, those who wait for a dead origin hold no slot, and end with its probe', async () => {
  const url = `https://127.0.0.1:${await freePort()}`;
  const { results, summary } = await fetchAll(
    times(400, () => url),
    { concurrency: 200, protocol: 'h2' },
  );
  assert.equal(results.length, 400);
  assert.ok(outcomes(results)['origin-down']! >= 390, JSON.stringify(outcomes(results)));
  assert.ok(summary.wallMs > 900 && summary.wallMs < 5000, `${summary.wallMs} ms`);
});

for (const kind of ['refuses', 'swallows'] as const)
  test(`one origin of 100 that ${kind} connections costs the others next to nothing`, async (t) => {
    const server = await testServer(t, { host: '0.0.0.0' });
    const dead = await freePort();
    if (kind === 'swallows') await deadAddress(t, '127.0.0.1', dead);
    const good = (i: number) => `http://127.0.0.${2 + (i % 99)}:${server.httpPort}/delay/0.05`;
    const wall = async (urls: readonly string[]) => {
      const begun = performance.now();
      let lastGood = 0;
      const { results } = await fetchAll(urls, {
        concurrency: 50,
        connectTimeout: '1s',
        onResponse: () => {
          lastGood = performance.now() - begun;
        },
      });
      assert.equal(outcomes(results)[200], 990);
      return lastGood;
    };
    const without = await wall(times(990, good));
    const withDead = await wall(times(1000, (i) => (i % 100 === 50 ? `http://127.0.0.1:${dead}/` : good(i))));
    assert.ok(withDead < 1.5 * without, `${withDead} ms instead of ${without}`);
  });

test('redirects: relative, absolute, too many, none followed', async (t) => {
  const { httpUrl } = await testServer(t);
  const end = await fetchOne(`${httpUrl}/absolute-redirect/3`);
  assert.deepEqual([end.status, end.finalUrl, end.attempts], [200, `${httpUrl}/get`, 1]);
  const many = await fetchOne(`${httpUrl}/redirect/11`);
  assert.deepEqual([many.error?.code, many.status], ['redirect-limit', 302]);
  assert.equal((await fetchOne(`${httpUrl}/redirect/10`)).status, 200);
  assert.equal((await fetchOne(`${httpUrl}/redirect/2`, { maxRedirects: 0 })).status, 302);
  for (const to of ['ftp://x/', 'javascript:1', 'http://[', 'file:///etc/passwd']) {
    const { error } = await fetchOne(`${httpUrl}/redirect-to?url=${encodeURIComponent(to)}`);
    assert.equal(error?.code, 'redirect-bad', to);
  }
});

test('authorization and cookies stay with their origin, through redirects and back', async (t) => {
  const [home, away] = [await testServer(t), await testServer(t)];
  const headers = { authorization: 'Bearer secret', cookie: 'a=secret', 'x-other': 'kept' };
  const to = (server: typeof home, url: string) =>
    `${server.httpUrl}/redirect-to?url=${encodeURIComponent(url)}`;
  const sent = async (url: string) =>
    ((await fetchOne({ url, headers })).json() as { headers: Record<string, string[]> }).headers;
  const there = await sent(to(home, `${away.httpUrl}/headers`));
  assert.deepEqual([there.Authorization, there.Cookie, there['X-Other']], [undefined, undefined, ['kept']]);
  const here = await sent(to(home, `${home.httpUrl}/headers`));
  assert.deepEqual([here.Authorization, here.Cookie], [['Bearer secret'], ['a=secret']]);
  const login = home.httpUrl!.replace('//', '//u:secret@');
  const fromUrl = await sent(`${login}/redirect-to?url=${encodeURIComponent(`${away.httpUrl}/headers`)}`);
  assert.equal(fromUrl.Authorization, undefined);
});

test('a request that dies on a reused connection goes out on a new one, also with retries: 0', async (t) => {
  let requests = 0;
  // It answers one request for each connection, and closes it when the second one comes.
  const server = createServer((socket) => {
    let mine = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests++;
      if (++mine > 1) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  const port = await listening(t, server);
  const { results } = await fetchAll(
    times(100, (i) => `http://127.0.0.1:${port}/${i}`),
    { retries: 0, concurrency: 10 },
  );
  assert.deepEqual(outcomes(results), { 200: 100 });
  assert.ok(requests <= 200, `${requests} requests`);
});

test('a redirect to a server that closes after each answer, and does not say so, is followed with retries: 0', async (t) => {
  const asked: string[] = [];
  const server = createServer((socket) => {
    let answered = false;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const path = String(bytes).split(' ')[1]!;
      if (answered) socket.destroy();
      else {
        asked.push(path);
        const hop = Number(path.slice(1));
        socket.write(
          hop === 5 ? OK : `HTTP/1.1 302 Found\r\nlocation: /${hop + 1}\r\ncontent-length: 0\r\n\r\n`,
        );
      }
      answered = true;
    });
  });
  const result = await fetchOne(`http://127.0.0.1:${await listening(t, server)}/1`, { retries: 0 });
  assert.deepEqual([result.error?.message, result.status], [undefined, 200]);
  assert.deepEqual(asked, ['/1', '/2', '/3', '/4', '/5']);
});
