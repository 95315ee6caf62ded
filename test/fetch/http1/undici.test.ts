import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cuts, read } from './read.ts';
import { readByUndici } from './read-by-undici.ts';

/** Where we read strictly what llhttp, as undici is built, lets pass; RFC 9112 allows both. */
const STRICTER: readonly [RegExp, string][] = [
  [/^HTTP\/(0\.9|2\.0)/, 'versions that have no such answers'],
  [/^\r?\n/, 'empty lines before the status line (RFC 9112 §2.2 speaks of servers)'],
  [/transfer-encoding:[^\r]*(gzip|identity|chunked,)/i, 'codings that were not asked for'],
  [/^HTTP\/1\.\d 0\d\d/, 'a status below 100'],
];

/** What we read, as RFC 9112 asks of a user agent, and llhttp refuses. */
const READ_BY_US = /\r\n [^\r]*\r\n/; // §5.2: folded values

const token = fc.constantFrom('x', 'vary', 'etag', 'x-y', 'connection', 'a b', 'q(', '');
const value = fc.constantFrom(
  'a',
  '',
  ' a b ',
  'close',
  'keep-alive',
  '\x80\xff',
  'a\tb',
  'a\0',
  'a\x7f',
  'a\rb',
  'a\nb',
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(token, value).map(([name, text]) => `${name}: ${text}`) },
  { weight: 1, arbitrary: fc.constantFrom(' folded', 'no colon', 'x : y', ':', 'x:y') },
);
const framed = fc.oneof(
  fc.constantFrom('', 'hello').map((body) => [`content-length: ${body.length}`, body] as const),
  fc
    .tuple(fc.constantFrom('0', '3', '5', '05', '+5', '5 5', '-1', '', '5, 5'), fc.constantFrom('hello', ''))
    .map(([length, body]) => [`content-length: ${length}`, body] as const),
  fc
    .tuple(
      fc.constantFrom(
        '5\r\nhello\r\n',
        '',
        '3;x=y\r\nabc\r\n',
        '5\nhello\r\n',
        'g\r\nx\r\n',
        '4\r\nhello\r\n',
        '\r\n',
        '005\r\nhello\r\n',
      ),
      fc.constantFrom('0\r\n\r\n', '0\r\nx: y\r\n\r\n', '0\r\n', '', '0\r\nbad\r\n\r\n', '00\r\n\r\n'),
    )
    .map(([chunk, last]) => ['transfer-encoding: chunked', chunk + last] as const),
  fc.constantFrom('', 'until the end').map((body) => ['x: y', body] as const),
);
const statusLine = fc.constantFrom(
  ...[
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 404 Not Found',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 204 x',
    'HTTP/1.1 304 x',
  ],
  ...[
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.2 200 OK',
    'HTTX/1.1 200 OK',
  ],
);
const answer = fc
  .tuple(
    statusLine,
    fc.array(line, { maxLength: 3 }),
    framed,
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n'),
  )
  .map(
    ([status, lines, [framing, body], end]) => `${[status, ...lines, framing].join('\r\n')}${end}\r\n${body}`,
  );

test('the same bytes come to the same result as in undici, cut at every place', async () => {
  await fc.assert(
    fc.asyncProperty(answer, async (text) => {
      const ours = read([Buffer.from(text, 'latin1')]);
      for (const chunks of cuts(text)) assert.deepEqual(read(chunks), ours);
      const theirs = await readByUndici(Buffer.from(text, 'latin1'));
      if (STRICTER.some(([pattern]) => pattern.test(text)) && 'code' in ours) return;
      if (READ_BY_US.test(text) && 'code' in theirs) return;
      assert.equal(
        'code' in ours,
        'code' in theirs,
        `ours ${JSON.stringify(ours)}, undici ${JSON.stringify(theirs)}`,
      );
      if ('code' in ours || 'code' in theirs) return;
      assert.deepEqual([ours.status, ours.body], [theirs.status, theirs.body]);
    }),
    { numRuns: 1500 },
  );
});
