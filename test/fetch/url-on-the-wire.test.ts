import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { test } from 'node:test';
import { makeCertificate } from '../../src/testserver/index.ts';
import { bareServer, fetchAll, listening, OK, outcomes } from './servers.ts';

/**
 * URLs as people write them, and what the URL standard (https://url.spec.whatwg.org) makes of each: the host, and path with
 * query. Those of its test data where clients differ, and more. Node's parser, unlike the standard, accepts labels that begin with
 * xn-- and decode to nothing: they are names that nobody has.
 */
const URLS: readonly (readonly [written: string, host: string, path: string])[] = [
  ['http://a.test', 'a.test', '/'],
  ['http://a.test?', 'a.test', '/?'],
  ['http://a.test/x?#', 'a.test', '/x?'],
  ['http://a.test/x?#y?', 'a.test', '/x?'],
  ['http://a.test/x#', 'a.test', '/x'],
  ['http://a.test/x#?', 'a.test', '/x'],
  ['http://a.test#x/../y', 'a.test', '/'],
  ['http://a.test?x/../y', 'a.test', '/?x/../y'],
  ['HTTP://A.TEST:80/X', 'a.test', '/X'],
  ['http:a.test/x', 'a.test', '/x'],
  ['http:/a.test/x', 'a.test', '/x'],
  ['http://///a.test/x', 'a.test', '/x'],
  ['http:\\\\a.test\\x\\..\\y', 'a.test', '/y'],
  [' \u0000http://a.test/x\u001f ', 'a.test', '/x'],
  ['ht\ntp://a.t\test/x\ty', 'a.test', '/xy'],
  ['http://a.test/x y', 'a.test', '/x%20y'],
  ['http://a.test/./x/../%2E/y/%2e%2E/z', 'a.test', '/z'],
  ['http://a.test/x/..', 'a.test', '/'],
  ['http://a.test/...', 'a.test', '/...'],
  ['http://a.test//x//', 'a.test', '//x//'],
  ['http://a.test/%zz%', 'a.test', '/%zz%'],
  ['http://a.test/%7Efoo~', 'a.test', '/%7Efoo~'],
  ['http://a.test/"<>`{}^|', 'a.test', '/%22%3C%3E%60%7B%7D%5E|'],
  ['http://a.test/?"<>\'`{}^|', 'a.test', '/?%22%3C%3E%27`{}^|'],
  ["http://a.test/'", 'a.test', "/'"],
  ['http://a.test/é/你?é', 'a.test', '/%C3%A9/%E4%BD%A0?%C3%A9'],
  ['http://a.test/\ud800', 'a.test', '/%EF%BF%BD'],
  ['http://a.test/;x=1,2@3:4&5=6+7$8!', 'a.test', '/;x=1,2@3:4&5=6+7$8!'],
  ['http://user:pass@a.test/x', 'a.test', '/x'],
  ['http://user@x@a.test/y', 'a.test', '/y'],
  ['http://a.test:00080/x', 'a.test', '/x'],
  ['http://a.test:443/x', 'a.test:443', '/x'],
  ['http://a.test./x', 'a.test.', '/x'],
  ['http://%61.test/x', 'a.test', '/x'],
  ['http://Ａ.test/x', 'a.test', '/x'],
  ['http://bücher.test/x', 'xn--bcher-kva.test', '/x'],
  ['http://faß.test/x', 'xn--fa-hia.test', '/x'],
  ['http://a。test/x', 'a.test', '/x'],
  ['http://0x7f.1/x', '127.0.0.1', '/x'],
  ['http://0177.0.0.01/x', '127.0.0.1', '/x'],
  ['http://2130706433/x', '127.0.0.1', '/x'],
  ['http://0x.0x.0/x', '0.0.0.0', '/x'],
  ['http://[1:0:0::1]/x', '[1::1]', '/x'],
  ['http://[::127.0.0.1]:8080/x', '[::7f00:1]:8080', '/x'],
];

/** What makes no URL by the standard. */
const NONE = [
  'http://',
  'http:///',
  'http://a.test:65536/',
  'http://a.test:-1/',
  'http://a b/',
  'http://a<b/',
  'http://a%00b/',
  'http://%zz/',
  'http://256.0.0.1/',
  'http://0x7f.0.0.0x7g.1/',
  'http://1.2.3.4.5/',
  'http://[::1/',
  'http://[::1%25eth0]/',
  'http://[1:2:3]/',
  'http://user@/x',
  '//a.test/x',
  '/x',
  '',
];

test('what goes on the wire for a URL is what the URL standard says, and for what is none nothing goes', async (t) => {
  const heads: string[] = [];
  const at = await bareServer(t, (socket) =>
    socket.on('data', (bytes) => {
      heads.push(String(bytes));
      socket.write(OK);
    }),
  );
  const connectTo = { ':': at.slice('http://'.length) };
  for (const [written, host, path] of URLS) {
    heads.length = 0;
    // Twice: the second one may be known.
    const { results } = await fetchAll([written, written], {
      connectTo,
      proxy: '',
      concurrency: 1,
      retries: 0,
    });
    assert.deepEqual(
      [heads.map((head) => head.split('\r\n').slice(0, 2)), results.map(({ error }) => error)],
      [Array(2).fill([`GET ${path} HTTP/1.1`, `host: ${host}`]), [null, null]],
      JSON.stringify(written),
    );
  }
  heads.length = 0;
  const { results } = await fetchAll(NONE, { connectTo, proxy: '', retries: 0 });
  assert.deepEqual(
    results.sort((one, other) => one.index - other.index).map(({ input, error }) => [input, error?.code]),
    NONE.map((text) => [text, 'bad-url']),
  );
  assert.deepEqual(heads, []);
});

test('a URL goes out over HTTP/2 as it does over HTTP/1.1', async (t) => {
  const asked: [string, string][] = [];
  const server = http2.createSecureServer(await makeCertificate(), ({ authority, url }, answer) => {
    asked.push([authority, url]);
    answer.end();
  });
  const connectTo = { ':': `127.0.0.1:${await listening(t, server)}` };
  const urls = URLS.filter(([written]) => /^http:[^:]*$/.test(written));
  const { results } = await fetchAll(
    urls.map(([written]) => written.replace('http:', 'https:')),
    { connectTo, protocol: 'h2', tls: { insecure: true }, proxy: '', retries: 0 },
  );
  assert.deepEqual(outcomes(results), { 200: urls.length });
  assert.deepEqual(asked.map(String).sort(), urls.map(([, host, path]) => String([host, path])).sort());
});

test('where a redirect leads is read as the URL standard reads it against the URL that was asked for', async (t) => {
  const from = '/a/b?c';
  const cases: readonly (readonly [location: string, path: string])[] = [
    ['x', '/a/x'],
    ['./x/../y', '/a/y'],
    ['../../../x', '/x'],
    ['/x?#', '/x?'],
    ['?', '/a/b?'],
    ['?x', '/a/b?x'],
    ['\\x', '/x'],
    ['x y', '/a/x%20y'],
    ['/%2e%2e/x', '/x'],
    ['/é', '/%C3%A9'],
    ['http:x', '/a/x'],
    [':x', '/a/:x'],
  ];
  for (const [location, path] of cases) {
    const lines: string[] = [];
    const at = await bareServer(t, (socket) =>
      socket.on('data', (bytes) => {
        const line = String(bytes).split('\r\n')[0]!;
        lines.push(line);
        const redirect = `HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: ${location}\r\n\r\n`;
        socket.write(lines.length === 1 ? redirect : OK);
      }),
    );
    await fetchAll([`${at}${from}`], { proxy: '', retries: 0 });
    assert.deepEqual(lines, [`GET ${from} HTTP/1.1`, `GET ${path} HTTP/1.1`], location);
  }
});
