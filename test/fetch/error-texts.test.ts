import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Input, type Options, startRun } from '../../src/fetch/index.ts';
import { bareServer, fetchOne, OK, says, testServer } from './servers.ts';

const MARK = 'hunter2marked';

/** Answers with a head whose lines the test gives. */
function answering(t: TestContext, ...lines: string[]): Promise<string> {
  return bareServer(t, says(`${lines.join('\r\n')}\r\n\r\n`));
}

/** Answers everything with a redirect. */
function redirecting(t: TestContext, location: string): Promise<string> {
  return answering(t, 'HTTP/1.1 302 Found', 'content-length: 0', `location: ${location}`);
}

/** A proxy that says this about every tunnel. */
async function refusingProxy(t: TestContext, reason: string): Promise<string> {
  return (await answering(t, `HTTP/1.1 403 ${reason}`)).replace('//', `//joe:${MARK}@`);
}

type Case = readonly [what: string, code: string, make: (t: TestContext) => Promise<[Input, Options?]>];

const cases: readonly Case[] = [
  ...[
    `example.com/x?access_token=${MARK}`,
    `//h/?token=${MARK}`,
    `https//h/?sig=${MARK}`,
    `http://user:${MARK}@h:xx/`,
    `http://user:a'${MARK}@h:xx/`,
    `http://user:a ${MARK}@h:xx/`,
    `user:${MARK}@h:xx`,
    `ftp://user:${MARK}@h/`,
    `h?ticket=a'${MARK}`,
  ].map((url): Case => [`the URL ${url}`, 'bad-url', async () => [{ url }]]),
  ...[
    `http:///?token=${MARK}`,
    `//user:${MARK}@h:xx/`,
    `http://user:${'x'.repeat(250)}${MARK}@h:xx/`,
    `ftp://h/?key=${MARK}`,
    `http://[/?code=a'b ${MARK}`,
  ].map(
    (location): Case => [
      `a redirect to ${location.slice(0, 30)}`,
      'redirect-bad',
      async (t) => [{ url: await redirecting(t, location) }],
    ],
  ),
  [
    'redirects in a circle',
    'redirect-loop',
    async (t) => [{ url: `${await redirecting(t, `/?key=${MARK}`)}/` }],
  ],
  [
    'too many redirects',
    'redirect-limit',
    async (t) => {
      const { httpUrl } = await testServer(t);
      const to = encodeURIComponent(`/redirect/2?code=${MARK}`);
      const [url, options] = [`${httpUrl}/redirect-to?url=${to}`, { maxRedirects: 1 }];
      return [{ url }, options];
    },
  ],
  [
    'a proxy that says back what it was sent',
    'proxy',
    async (t) => [{ url: 'https://a.test/' }, { proxy: await refusingProxy(t, `no token=${MARK}`) }],
  ],
  [
    'a header that is no number',
    'bad-header',
    async (t) => [{ url: await answering(t, 'HTTP/1.1 200 OK', `content-length: token=${MARK}`) }],
  ],
  [
    'a line that is no header',
    'bad-header',
    async (t) => [{ url: await answering(t, 'HTTP/1.1 200 OK', `Set Cookie: ${MARK}`) }],
  ],
  [
    'the line of a header as its name',
    'bad-request-header',
    async () => [{ url: 'http://h/', headers: { [`Authorization: Bearer ${MARK}`]: '' } }],
  ],
  [
    'a callback that throws a URL',
    'hook',
    async (t) => {
      const onResponse = () => {
        throw new Error(`no such user: https://me:${MARK}@h/`);
      };
      return [{ url: await bareServer(t, says(OK)) }, { onResponse }];
    },
  ],
];

for (const [what, code, make] of cases)
  test(`no secret is in the message about ${what}`, async (t) => {
    const [input, options] = await make(t);
    const { error } = await fetchOne(input, { retries: 0, ...options });
    assert.equal(error?.code, code);
    assert.ok(!error.message.includes(MARK), error.message);
  });

test('no secret of a URL is in the message about an answer that is not JSON', async (t) => {
  const { httpUrl } = await testServer(t);
  const to = encodeURIComponent(`${httpUrl}/robots.txt?access_token=${MARK}`);
  const result = await fetchOne(`${httpUrl}/redirect-to?url=${to}`);
  assert.throws(
    () => result.json(),
    (error: Error) => {
      assert.match(error.message, /robots\.txt\?access_token=\*\*\* is not JSON/);
      return !error.message.includes(MARK);
    },
  );
});

for (const [what, options] of Object.entries({
  'a proxy that is none': { proxy: `http://joe:${MARK}@h:xx` },
  'a proxy of an unknown scheme': { proxy: `socks5://joe:${MARK}@h:1` },
  'a private key in the wrong place': { tls: `-----BEGIN PRIVATE KEY-----\n${MARK}\n` },
  'the line of a header as its name': { headers: { [`Cookie: ${MARK}`]: '' } },
}))
  test(`no secret is in the message about ${what} among the options`, () => {
    assert.throws(
      () => startRun([], { result() {} }, options as Options),
      (error: Error) => !error.message.includes(MARK),
    );
  });
