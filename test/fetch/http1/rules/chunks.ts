import { alike, CHUNKED, FIVE, HELLO, OK, type Rule } from './rule.ts';

/** Rules of chunks and trailers. */
export const CHUNKS: readonly Rule[] = [
  ...alike(
    'the chunk line',
    [
      '5;ilove=x;so="much"',
      '5;a;b',
      '5 ;a=b',
      '5\t; a = "b"',
      '5;a="I love; extensions";b=c',
      '5;a="b\\"c"',
      '005',
      '5  ',
    ],
    (line) => `${CHUNKED}${line}\r\nhello\r\n0\r\n\r\n`,
    {
      rfc: 'RFC 9112 §7.1, §7.1.1',
      says: 'a client ignores extensions; spaces may stand around them',
      made: { keeps: 'hello' },
    },
    { refuses: ['5 ;a=b', '5\t; a = "b"', '5  '] },
  ),
  ...alike(
    'the chunk line',
    ['5;', '5;a="b', '5;=b'],
    (line) => `${CHUNKED}${line}\r\nhello\r\n0\r\n\r\n`,
    {
      rfc: 'RFC 9112 §7.1.1',
      says: 'this is no extension; as a client ignores extensions, and no quote reaches over CR LF, the chunk is clear',
      made: { keeps: 'hello' },
    },
    { refuses: ['5;', '5;a="b'] },
  ),
  ...alike(
    'the chunk line',
    [
      '5 a',
      '5 5',
      ' 5',
      'g',
      '0x5',
      '+5',
      '-5',
      '5.0',
      '',
      '5\x0b',
      '5;a\0',
      '5;a\rb',
      '5\r',
      '10000000000000005',
    ],
    (line) => `${CHUNKED}${line}\r\nhello\r\n0\r\n\r\n`,
    {
      rfc: 'RFC 9112 §7.1',
      says: 'a chunk size is hexadecimal digits, and what follows begins with a semicolon',
      made: { refuses: 'bad-body' },
    },
  ),
  ...alike(
    'the chunks',
    [
      '5\nhello\r\n0\r\n\r\n',
      '5\r\nhello\n0\r\n\r\n',
      '5\r\nhello0\r\n\r\n',
      '4\r\nhello\r\n0\r\n\r\n',
      '6\r\nhello\r\n0\r\n\r\n',
      '5\r\nhello\r\n0\n\r\n',
      '5\r\nhello\r\n\r\n0\r\n\r\n',
    ],
    (body) => `${CHUNKED}${body}`,
    {
      rfc: 'RFC 9112 §7.1',
      says: 'each chunk ends where its size says, with CR LF',
      made: { refuses: 'bad-body' },
    },
  ),
  ...alike(
    'the trailer',
    ['x: y\r\n', 'content-length: 3\r\n', 'transfer-encoding: gzip\r\n', 'connection: close\r\n'],
    (trailer) => `${CHUNKED}5\r\nhello\r\n0\r\n${trailer}\r\n`,
    {
      rfc: 'RFC 9110 §6.5.1',
      says: 'a trailer is kept apart from the head, and frames nothing',
      made: { keeps: 'hello' },
    },
    { refuses: ['content-length: 3\r\n'] },
  ),
  ...alike(
    'the trailer',
    ['x : y\r\n', 'no colon\r\n', ' x: y\r\n', 'x: a\0b\r\n', 'x: a\rb\r\n', 'x: y\n'],
    (trailer) => `${CHUNKED}5\r\nhello\r\n0\r\n${trailer}\r\n`,
    {
      rfc: 'RFC 9112 §7.1.2',
      says: 'trailers are fields, and what holds for fields of a head holds for them',
      made: { refuses: 'bad-body' },
    },
  ),
  {
    about: 'another answer behind the last chunk',
    rfc: 'RFC 9112 §9.2',
    says: 'what comes without a request is not an answer to the next one: the connection ends',
    answer: `${CHUNKED}${HELLO}${OK}${FIVE}`,
    made: { ends: 'hello' },
  },
];
