import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Input, Options } from '../../src/fetch/index.ts';
import type { TestServer } from '../../src/testserver/index.ts';
import { fetchOne, listening, testServer } from './servers.ts';

type Sent = Readonly<Record<string, string[] | undefined>>;

/** Headers by which a server knows its caller. */
const SECRET = {
  authorization: 'Bearer secret',
  cookie: 'a=secret',
  'x-api-key': 'secret',
  'private-token': 'secret',
  'x-auth-token': 'secret',
  'x-functions-key': 'secret',
  'X-Mashape-Key': 'secret',
  'x-csrf': 'secret',
  'x-any': `ghp_${'0123456789abcdefABCD'}`,
  referer: 'https://home.test/?token=secret',
  host: 'virtual.test',
};
/** Headers that are for everybody. */
const OPEN = {
  'accept-language': 'de',
  'idempotency-key': '7',
  'x-plain': 'kept',
  origin: 'https://home.test',
  'if-none-match': '"0123456789abcdef0123456789abcdef"',
};

for (const protocol of ['http/1.1', 'h2'] as const) {
  const urlOf = (server: TestServer) => (protocol === 'h2' ? server.httpsUrl! : server.httpUrl!);
  const options: Options = { protocol, tls: { insecure: true } };
  const via = (server: TestServer, to: string) =>
    `${urlOf(server)}/redirect-to?url=${encodeURIComponent(to)}`;
  const servers = async (t: TestContext) => [await testServer(t), await testServer(t)] as const;
  const sent = async (input: string | Input, more: Options = {}) =>
    ((await fetchOne(input, { ...options, ...more })).json() as { headers: Sent }).headers;

  for (const [whose, send] of [
    ['run', (url: string, headers: Input['headers'] & object) => sent(url, { headers })],
    ['input', (url: string, headers: Input['headers'] & object) => sent({ url, headers })],
  ] as const)
    test(`over ${protocol}, no credential of the ${whose} goes where a redirect led to another origin`, async (t) => {
      const [home, away] = await servers(t);
      const there = await send(via(home, `${urlOf(away)}/headers`), { ...SECRET, ...OPEN });
      assert.deepEqual(namesIn(there, SECRET), ['host']);
      assert.deepEqual(there.Host, [new URL(urlOf(away)).host]);
      assert.deepEqual(namesIn(there, OPEN), Object.keys(OPEN));
    });

  test(`over ${protocol}, no credential is sent again on a second redirect at that origin`, async (t) => {
    const [home, away] = await servers(t);
    const headers = await sent({
      url: via(home, via(away, `${urlOf(away)}/headers`)),
      headers: { ...SECRET, ...OPEN },
    });
    assert.deepEqual(namesIn(headers, SECRET), ['host']);
  });

  test(`over ${protocol}, credentials are sent to their own origin, also after a way through another`, async (t) => {
    const [home, away] = await servers(t);
    for (const url of [
      via(home, '/headers'),
      via(home, `${urlOf(home)}/headers`),
      via(home, via(away, `${urlOf(home)}/headers`)),
    ]) {
      const headers = await sent({ url, headers: { ...SECRET, ...OPEN } });
      assert.deepEqual(namesIn(headers, SECRET), Object.keys(SECRET));
      assert.deepEqual(headers.Host, ['virtual.test']);
    }
  });

  test(`over ${protocol}, the login of a URL stays, and one that a redirect brings is not sent`, async (t) => {
    const [home, away] = await servers(t);
    const login = (url: string) => url.replace('//', '//joe:secret@');
    const there = await sent(login(via(home, `${urlOf(away)}/headers`)));
    assert.equal(there.Authorization, undefined);
    const brought = await sent(via(home, login(`${urlOf(away)}/headers`)));
    assert.equal(brought.Authorization, undefined);
    const back = await sent(login(via(home, via(away, `${urlOf(home)}/headers`))));
    assert.deepEqual(back.Authorization, [`Basic ${Buffer.from('joe:secret').toString('base64')}`]);
  });

  test(`over ${protocol}, a header named as a credential stays, however its name is spelled`, async (t) => {
    const [home, away] = await servers(t);
    const url = via(home, `${urlOf(away)}/headers`);
    const mine = { url, headers: { 'X-Mine': 'secret', 'x-plain': 'kept' }, credentials: ['X-MINE'] };
    assert.deepEqual(namesIn(await sent(mine), mine.headers), ['x-plain']);
  });
}

test('a redirect from https to http of the same host takes no credential along', async (t) => {
  const server = await testServer(t);
  const url = `${server.httpsUrl}/redirect-to?url=${encodeURIComponent(`${server.httpUrl}/headers`)}`;
  const { headers } = (await fetchOne({ url, headers: SECRET }, { tls: { insecure: true } })).json() as {
    headers: Sent;
  };
  assert.deepEqual(namesIn(headers, SECRET), ['host']);
});

test("a redirect to another origin through the same proxy still says who is the proxy's caller", async (t) => {
  const seen: unknown[][] = [];
  const proxy = createServer(({ url, headers }, response) => {
    seen.push([url, headers['proxy-authorization'], headers['x-api-key']]);
    response.writeHead(seen.length === 1 ? 302 : 200, { location: 'http://away.test/b' }).end();
  });
  const port = await listening(t, proxy);
  const input = { url: 'http://home.test/a', headers: { 'x-api-key': 'secret' } };
  const { status } = await fetchOne(input, { proxy: `http://joe:pw@127.0.0.1:${port}` });
  const login = `Basic ${Buffer.from('joe:pw').toString('base64')}`;
  assert.equal(status, 200);
  assert.deepEqual(seen, [
    ['http://home.test/a', login, 'secret'],
    ['http://away.test/b', login, undefined],
  ]);
});

/** Which of these headers were sent. */
function namesIn(sent: Sent, headers: Readonly<Record<string, string>>): string[] {
  const names = new Set(Object.keys(sent).map((name) => name.toLowerCase()));
  return Object.keys(headers).filter((name) => names.has(name.toLowerCase()));
}
