import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastHead, ResponseReader } from '../../../src/fetch/http1/reader.ts';
import { bodyMemory } from '../memory.ts';
import { cuts, read } from './read.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

/** Reads the text cut at every place, and says what all the readings agree on. */
function readAnyway(text: string) {
  let first: ReturnType<typeof read> | undefined;
  for (const chunks of cuts(text)) {
    const outcome = read(chunks);
    first ??= outcome;
    assert.deepEqual(outcome, first, `cut as ${chunks.map((chunk) => chunk.length)}`);
  }
  return first!;
}

const ACCEPTED: readonly [string, string, { status?: number; body?: string; isReusable?: boolean }][] = [
  ['a counted body', `${OK}content-length: 5\r\n\r\nhello`, { status: 200, body: 'hello', isReusable: true }],
  ['an empty body', `${OK}content-length: 0\r\n\r\n`, { body: '', isReusable: true }],
  ['a body until the connection ends', `${OK}\r\nall of it`, { body: 'all of it' }],
  [
    'a chunked body',
    `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`,
    { body: 'hello!' },
  ],
  [
    'chunk sizes in either case',
    `${OK}Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n`,
    { body: '01234567890123456789' },
  ],
  [
    'leading zeros of a chunk size',
    `${OK}transfer-encoding: chunked\r\n\r\n0005\r\nhello\r\n00\r\n\r\n`,
    { body: 'hello' },
  ],
  [
    'chunk sizes padded with spaces and tabs',
    `${OK}transfer-encoding: chunked\r\n\r\n5   \r\nhello\r\n1\t ;a=b\r\n!\r\n0 \t\r\n\r\n`,
    { body: 'hello!', isReusable: true },
  ],
  [
    'more leading zeros of a chunk size than a number has digits',
    `${OK}transfer-encoding: chunked\r\n\r\n${'0'.repeat(30)}5\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello' },
  ],
  [
    'more leading zeros of a length than a number has digits',
    `${OK}content-length: ${'0'.repeat(30)}5\r\n\r\nhello`,
    { body: 'hello', isReusable: true },
  ],
  ...['chunked,', ',chunked', ' , chunked ,\t, '].map((list): (typeof ACCEPTED)[number] => [
    `the transfer codings '${list.trim()}', whose empty elements are none`,
    `${OK}transfer-encoding: ${list}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello', isReusable: true },
  ]),
  ['a folded header', `${OK}x: a\r\n b\r\n\tc\r\ncontent-length: 1\r\n\r\nx`, { body: 'x' }],
  [
    'chunks in HTTP/1.0, which end the connection whatever it says',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    { body: 'hello', isReusable: false },
  ],
  [
    'chunk extensions',
    `${OK}transfer-encoding: chunked\r\n\r\n5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n`,
    { body: 'hello' },
  ],
  [
    'trailers',
    `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nvary: *\r\nx: y\r\n\r\n`,
    { body: 'hi' },
  ],
  ['no reason phrase', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx', { body: 'x' }],
  ['an empty reason phrase', 'HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx', { body: 'x' }],
  ['a reason phrase in Latin 1', 'HTTP/1.1 404 \xc4rger\r\ncontent-length: 1\r\n\r\nx', { status: 404 }],
  ['a header without a value', `${OK}x:\r\ncontent-length: 1\r\n\r\nx`, { body: 'x' }],
  ['204 without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', isReusable: true }],
  [
    '304 with the length of what it stands for',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n',
    { status: 304, body: '' },
  ],
  [
    'interim answers',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 1\r\n\r\nx`,
    { status: 200, body: 'x' },
  ],
  [
    'HTTP/1.0, which ends the connection',
    'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx',
    { isReusable: false },
  ],
  [
    'HTTP/1.0 that keeps the connection',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx',
    { isReusable: true },
  ],
  [
    'connection: close among others',
    `${OK}connection: foo, Close\r\ncontent-length: 1\r\n\r\nx`,
    { isReusable: false },
  ],
];

for (const [name, text, expected] of ACCEPTED)
  test(`reads ${name}, wherever it is cut`, () => {
    const outcome = readAnyway(text);
    for (const [key, value] of Object.entries(expected)) assert.equal(outcome[key as never], value, key);
  });

const REFUSED: readonly [string, string, string][] = [
  ['both lengths', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 'bad-header'],
  ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`, 'bad-header'],
  ['the same length twice', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`, 'bad-header'],
  ['a list of lengths', `${OK}content-length: 5, 5\r\n\r\nhello`, 'bad-header'],
  ['a negative length', `${OK}content-length: -1\r\n\r\n`, 'bad-header'],
  ['a length with a sign', `${OK}content-length: +5\r\n\r\nhello`, 'bad-header'],
  ['a length in hexadecimal', `${OK}content-length: 0x5\r\n\r\nhello`, 'bad-header'],
  ['an endless length', `${OK}content-length: 99999999999999999999\r\n\r\n`, 'bad-header'],
  ['an empty length', `${OK}content-length:\r\n\r\n`, 'bad-header'],
  ['a coding nobody asked for', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'bad-header'],
  [
    'chunked twice',
    `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'bad-header',
  ],
  ['a space before the colon', `${OK}content-length : 5\r\n\r\nhello`, 'bad-header'],
  ['a first header that is folded', `${OK} x: a\r\ncontent-length: 0\r\n\r\n`, 'bad-header'],
  ['a length made of two lines', `${OK}content-length: 1\r\n 0\r\n\r\n0123456789`, 'bad-header'],
  [
    'a length of more digits than a number has',
    `${OK}content-length: ${'9'.repeat(16)}\r\n\r\n`,
    'bad-header',
  ],
  ['a list of no transfer codings', `${OK}transfer-encoding: ,\r\n\r\n0\r\n\r\n`, 'bad-header'],
  ['a header line without a colon', `${OK}nonsense\r\n\r\n`, 'bad-header'],
  ['a header without a name', `${OK}: x\r\n\r\n`, 'bad-header'],
  ['a NUL in a value', `${OK}x: a\0b\r\n\r\n`, 'bad-header'],
  ['a bare CR in a value', `${OK}x: a\rb\r\n\r\n`, 'bad-header'],
  ['a bare LF at the end of a line', `${OK}x: a\ny: b\r\n\r\n`, 'bad-header'],
  ['bare LFs all through', 'HTTP/1.1 200 OK\nx: a\n\n', 'reset'],
  ['a later version', 'HTTP/2.0 200 OK\r\n\r\n', 'bad-header'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad-header'],
  ['TLS where clear text was expected', '\x15\x03\x03\x00\x02\x02\x50', 'bad-header'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'bad-header'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'bad-header'],
  ['two spaces before the status', 'HTTP/1.1  200 OK\r\n\r\n', 'bad-header'],
  ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'bad-header'],
  ['a chunk size that is no number', `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\n`, 'bad-body'],
  ['a chunk size with a sign', `${OK}transfer-encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n`, 'bad-body'],
  ['a chunk size with 0x', `${OK}transfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`, 'bad-body'],
  ['an endless chunk size', `${OK}transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n`, 'bad-body'],
  [
    'a chunk size after a space',
    `${OK}transfer-encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n`,
    'bad-body',
  ],
  [
    'a chunk size in two parts',
    `${OK}transfer-encoding: chunked\r\n\r\n1 0\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`,
    'bad-body',
  ],
  [
    'a padded chunk size ended by LF',
    `${OK}transfer-encoding: chunked\r\n\r\n5 \nhello\r\n0\r\n\r\n`,
    'bad-body',
  ],
  ['an empty chunk size', `${OK}transfer-encoding: chunked\r\n\r\n\r\n`, 'bad-body'],
  ['a chunk size ended by LF', `${OK}transfer-encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`, 'bad-body'],
  [
    'a chunk longer than its size',
    `${OK}transfer-encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n`,
    'bad-body',
  ],
  [
    'a chunk shorter than its size',
    `${OK}transfer-encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n`,
    'bad-body',
  ],
  ['a trailer that is none', `${OK}transfer-encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n`, 'bad-body'],
  ...['a\0b', 'a\x01', 'a\x7f', 'a\rb'].map((value): (typeof REFUSED)[number] => [
    `a trailer whose value is ${JSON.stringify(value)}`,
    `${OK}transfer-encoding: chunked\r\n\r\n0\r\nx: ${value}\r\n\r\n`,
    'bad-body',
  ]),
  ['no answer', '', 'reset'],
  ['half a head', 'HTTP/1.1 200 OK\r\nconte', 'reset'],
  ['a body cut short', `${OK}content-length: 9\r\n\r\nhello`, 'body-truncated'],
  ['chunks cut short', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhel`, 'body-truncated'],
  ['chunks without the last one', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'body-truncated'],
];

for (const [name, text, code] of REFUSED)
  test(`refuses ${name}, wherever it is cut`, () => {
    assert.deepEqual(readAnyway(text), { code });
  });

test('refuses a head without end, and a trailer and interim answers without end', () => {
  const lines = 'x: y\r\n'.repeat(20_000);
  assert.deepEqual(read([Buffer.from(OK + lines)]), { code: 'bad-header' });
  assert.deepEqual(read([Buffer.from(OK), ...lines.match(/.{1,60}/gs)!.map((part) => Buffer.from(part))]), {
    code: 'bad-header',
  });
  const trailer = `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${lines}`;
  assert.deepEqual(read([Buffer.from(trailer)]), { code: 'bad-body' });
  assert.deepEqual(read([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(40))]), { code: 'bad-header' });
});

test('refuses a body over the limit, by what it declares and by what comes', () => {
  assert.deepEqual(read([Buffer.from(`${OK}content-length: 11\r\n\r\n`)], 10), { code: 'body-too-large' });
  assert.deepEqual(read([Buffer.from(`${OK}\r\n0123456789A`)], 10), { code: 'body-too-large' });
  const chunked = `${OK}transfer-encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n`;
  assert.deepEqual(read([Buffer.from(chunked)], 10), { code: 'body-too-large' });
  assert.equal('body' in read([Buffer.from(`${OK}content-length: 10\r\n\r\n0123456789`)], 10), true);
});

test('says when more came than the answer, which could be taken for the next one', () => {
  const reader = new ResponseReader(lastHead(), bodyMemory(10));
  reader.begin();
  assert.equal(reader.push(Buffer.from(`${OK}content-length: 1\r\n\r\nx`)), true);
  assert.equal(reader.excess, false);
  reader.begin();
  assert.equal(reader.push(Buffer.from(`${OK}content-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n`)), true);
  assert.equal(reader.excess, true);
  assert.equal(reader.body.bytes().toString(), 'x');
});

test('joins the values of a repeated header, cookies by newline', () => {
  const text = `${OK}Vary: a\r\nvary: b\r\nset-cookie: a=1, b\r\nSet-Cookie: c=2\r\ncontent-length: 0\r\n\r\n`;
  const outcome = readAnyway(text);
  assert.ok('headers' in outcome);
  assert.equal(outcome.headers.vary, 'a, b');
  assert.equal(outcome.headers['set-cookie'], 'a=1, b\nc=2');
});

test('a folded value is one value with spaces, and no header of its own', () => {
  const text = `${OK}x: a\r\n b: c\r\n \t\r\ny:\r\n\td\r\ncontent-length: 0\r\n\r\n`;
  const outcome = readAnyway(text);
  assert.ok('headers' in outcome);
  assert.deepEqual(outcome.headers, { x: 'a b: c', y: 'd', 'content-length': '0' });
});

/** The shortest of some readings of a head with this line. */
function shortestMs(line: string): number {
  const text = Buffer.from(`${OK}${line}\r\ncontent-length: 0\r\n\r\n`);
  const runs = Array.from({ length: 5 }, () => {
    const began = performance.now();
    assert.ok('body' in read([text]));
    return performance.now() - began;
  });
  return Math.min(...runs);
}

test('a head of spaces, commas or folds does not cost the square of its length', () => {
  const plainMs = shortestMs(`connection: ${'x'.repeat(60_000)}`);
  for (const value of [`a${' '.repeat(60_000)}b`, ','.repeat(60_000), `a${'\r\n '.repeat(20_000)}`])
    assert.ok(shortestMs(`connection: ${value}`) < 200 * plainMs, JSON.stringify(value.slice(0, 8)));
});

test('a head seen before is not read again, and one that differs in a byte is', () => {
  const memory = lastHead();
  const answer = (etag: string) => Buffer.from(`${OK}etag: ${etag}\r\ncontent-length: 1\r\n\r\nx`);
  read([answer('a')], 10, memory);
  const first = memory.head;
  read([answer('a')], 10, memory);
  assert.equal(memory.head, first);
  const outcome = read([answer('b')], 10, memory);
  assert.notEqual(memory.head, first);
  assert.equal('headers' in outcome && outcome.headers.etag, 'b');
});
