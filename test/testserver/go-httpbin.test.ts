import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { commandAt, freePort } from '../servers/index.ts';

const INSTALL = 'go install github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@v2.18.2';

/** A request and what of its answers may differ: figures and texts that are made anew each time, or ours on purpose. */
interface Case {
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly body?: string;
  readonly differs?: 'body' | 'values';
}

const BASIC = `Basic ${Buffer.from('user:secret').toString('base64')}`;

const CASES: readonly Case[] = [
  { path: '/get' },
  { path: '/get?b=2&a=1&a=x%20y&empty=' },
  { path: '/get', method: 'HEAD' },
  { path: '/get', headers: { 'x-one': '1', 'X-forwarded-FOR': '10.1.2.3, 10.9.9.9' } },
  { path: '/get', method: 'POST', differs: 'body' },
  { path: '/headers', headers: { 'X-Some-Thing': 'here' } },
  { path: '/ip' },
  { path: '/user-agent', headers: { 'user-agent': 'test/1' } },
  { path: '/anything/a/b?c=1' },
  {
    path: '/post',
    method: 'POST',
    body: 'a=1&b=2&a=3',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  { path: '/post', method: 'POST', body: '{"a":[1,null]}', headers: { 'content-type': 'application/json' } },
  {
    path: '/post',
    method: 'POST',
    body: '{"a":',
    headers: { 'content-type': 'application/json' },
    differs: 'values',
  },
  { path: '/post', method: 'POST', body: 'some text', headers: { 'content-type': 'text/plain' } },
  { path: '/post', method: 'POST', body: '\x01\x02~~~?', headers: { 'content-type': 'image/x' } },
  { path: '/response-headers?X-Own=1&X-Own=2' },
  ...[200, 204, 301, 302, 304, 307, 401, 407, 404, 418, 429, 500, 503].map((code) => ({
    path: `/status/${code}`,
  })),
  ...[300, 308, 402, 406].map((code) => ({ path: `/status/${code}`, differs: 'body' as const })),
  { path: '/status/999', differs: 'values' },
  { path: '/status/abc', differs: 'values' },
  { path: '/status/201:1,201:2' },
  { path: '/delay/0.01' },
  { path: '/delay/5ms' },
  { path: '/delay/11', differs: 'values' },
  { path: '/delay/soon', differs: 'values' },
  { path: '/drip?numbytes=5&duration=0.02&delay=0', differs: 'values' },
  { path: '/drip?numbytes=0', differs: 'values' },
  { path: '/bytes/0', differs: 'body' },
  { path: '/bytes/100', differs: 'body' },
  { path: '/bytes/100?seed=7', differs: 'body' },
  { path: '/bytes/-1', differs: 'values' },
  { path: '/bytes/many', differs: 'values' },
  { path: '/bytes/5?seed=x', differs: 'values' },
  { path: '/stream-bytes/25?chunk_size=10', differs: 'body' },
  { path: '/stream/3?a=1' },
  { path: '/stream/0' },
  { path: '/json' },
  { path: '/html', differs: 'body' },
  { path: '/robots.txt' },
  { path: '/deny', differs: 'body' },
  { path: '/uuid', differs: 'values' },
  { path: '/', differs: 'body' },
  { path: '/no/such/route', differs: 'body' },
  { path: '/status/200/more', differs: 'body' },
  // go-httpbin leaves the url of these two empty.
  { path: '/gzip?a=1', differs: 'values' },
  { path: '/deflate?a=1', differs: 'values' },
  { path: '/base64/aGVsbG8gd29ybGQ=' },
  { path: '/base64/decode/-_-_' },
  { path: '/base64/encode/some%20text%3F%3F' },
  { path: '/base64/%21%21', differs: 'values' },
  { path: '/redirect/1' },
  { path: '/redirect/3' },
  { path: '/redirect/3?absolute=true' },
  { path: '/redirect/0', differs: 'values' },
  { path: '/relative-redirect/2' },
  { path: '/absolute-redirect/2' },
  { path: '/absolute-redirect/1' },
  { path: '/redirect-to?url=/get%3Fa=1' },
  { path: '/redirect-to?url=http%3A%2F%2Fexample.com%2F&status_code=307' },
  { path: '/redirect-to', differs: 'values' },
  { path: '/redirect-to?url=/get&status_code=200', differs: 'values' },
  { path: '/basic-auth/user/secret' },
  { path: '/basic-auth/user/secret', headers: { authorization: BASIC } },
  { path: '/basic-auth/user/other', headers: { authorization: BASIC } },
  { path: '/hidden-basic-auth/user/secret', headers: { authorization: BASIC } },
  { path: '/hidden-basic-auth/user/other', headers: { authorization: BASIC } },
  { path: '/bearer' },
  { path: '/bearer', headers: { authorization: 'Bearer abc' } },
  { path: '/cookies', headers: { cookie: 'a=1; b="2"' } },
  { path: '/cookies/set?a=1' },
  { path: '/cookies/delete?a=1', differs: 'values' },
  { path: '/cache', differs: 'values' },
  { path: '/cache', headers: { 'if-none-match': 'x' } },
  { path: '/cache/60' },
  { path: '/etag/abc', differs: 'values' },
  { path: '/etag/abc', headers: { 'if-none-match': '"abc"' }, differs: 'values' },
  { path: '/etag/abc', headers: { 'if-match': '"other"' }, differs: 'values' },
  { path: '/unstable?failure_rate=1' },
  { path: '/unstable?failure_rate=0' },
  { path: '/unstable?failure_rate=2', differs: 'values' },
];

/** Made anew each time, or about the connection and not the answer; and no ranges are served here. */
const NOT_COMPARED = new Set([
  'accept-ranges',
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
]);

const binary = commandAt('go-httpbin');

describe('beside go-httpbin', {
  skip: binary === undefined && `go-httpbin is not installed: ${INSTALL}`,
}, () => {
  let ours: TestServer;
  let theirs: ChildProcess;
  let theirUrl: string;
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });

  before(async () => {
    ours = await startServer();
    const port = await freePort();
    theirs = spawn(binary!, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
    theirUrl = `http://127.0.0.1:${port}`;
    await answering(theirUrl);
  });
  after(async () => {
    theirs.kill();
    await once(theirs, 'exit');
    await dispatcher.close();
    await ours.close();
  });

  for (const given of CASES) {
    const { path, method = 'GET', headers = {}, differs } = given;
    const said = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`);
    test(`${method} ${path}${said.join('')} is answered alike`, async () => {
      const [own, theirs] = await Promise.all([
        answerOf(ours.httpUrl!, given, dispatcher),
        answerOf(theirUrl, given, dispatcher),
      ]);
      assert.equal(own.status, theirs.status);
      assert.deepEqual(Object.keys(own.headers), Object.keys(theirs.headers));
      assert.equal(own.headers['content-type'], theirs.headers['content-type']);
      if (differs === 'values') assert.deepEqual(shape(own.body), shape(theirs.body));
      if (differs !== undefined) return;
      assert.deepEqual(own.headers, theirs.headers);
      assert.equal(own.body, theirs.body);
    });
  }
});

async function answerOf(base: string, { path, method = 'GET', headers = {}, body }: Case, dispatcher: Agent) {
  const answer = await request(base + path, { method, headers, body: body ?? null, dispatcher });
  const port = new URL(base).port;
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const encoding = answer.headers['content-encoding'];
  const text = encoding === undefined ? bytes.toString('latin1') : await decoded(bytes, String(encoding));
  const compared = Object.entries(answer.headers)
    .filter(([name]) => !NOT_COMPARED.has(name))
    .map(([name, value]) => [name, String(value).replaceAll(port, 'PORT')]);
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(compared.sort()) as Record<string, string>,
    body: text.replaceAll(port, 'PORT'),
  };
}

async function decoded(bytes: Buffer, encoding: string): Promise<string> {
  const format = encoding as 'gzip' | 'deflate';
  return new Response(
    new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format)),
  ).text();
}

/** A JSON text with its values left out, so that only names and types are left; of other text its length. */
function shape(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value) => (typeof value === 'object' ? value : typeof value));
  } catch {
    return text.length;
  }
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await (await request(url)).body.dump();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`go-httpbin does not answer at ${url}`);
}
