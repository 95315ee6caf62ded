import { alike, CHUNKED, FIVE, HELLO, OK, type Rule } from './rule.ts';

/** Rules of lengths. */
export const LENGTHS: readonly Rule[] = [
  ...(
    [
      ['204 No Content', 204],
      ['304 Not Modified', 304],
    ] as const
  ).flatMap(([line, status]): Rule[] => [
    {
      about: `${status} with a length and no body`,
      rfc: 'RFC 9112 §6.3 (1)',
      says: '204 and 304 end with the head, whatever its fields say',
      answer: `HTTP/1.1 ${line}\r\ncontent-length: 5\r\n\r\n`,
      made: { keeps: '', status },
    },
    {
      about: `${status} that says it is chunked`,
      rfc: 'RFC 9112 §6.3 (1)',
      says: '204 and 304 end with the head, whatever its fields say',
      answer: `HTTP/1.1 ${line}\r\ntransfer-encoding: chunked\r\n\r\n`,
      made: { keeps: '', status },
    },
    {
      about: `${status} and then another answer`,
      rfc: 'RFC 9112 §6.3 (1), §9.2',
      says: '204 and 304 end with the head; what follows is no answer to the next request',
      answer: `HTTP/1.1 ${line}\r\ncontent-length: 5\r\n\r\n${OK}${FIVE}`,
      made: { ends: '', status },
    },
  ]),
  {
    about: '205 without a length',
    rfc: 'RFC 9112 §6.3 (8)',
    says: 'the body is all that comes until the connection ends, here nothing',
    answer: 'HTTP/1.1 205 Reset Content\r\n\r\n',
    made: { ends: '', status: 205 },
  },
  ...alike(
    'the length',
    ['  5', '5  ', '\t5\t', '005'],
    (text) => `${OK}conTENT-Length:${text}\r\n\r\nhello`,
    {
      rfc: 'RFC 9110 §5.5, §8.6',
      says: 'a length is digits; whitespace around them is no part of it',
      made: { keeps: 'hello' },
    },
    { refuses: ['5  ', '\t5\t'] },
  ),
  ...alike(
    'the length',
    [
      '5 5',
      '1 3',
      '5, 5',
      '5,',
      '+5',
      '-5',
      '5.0',
      '0x5',
      '5;',
      '',
      '1000000000000000000000',
      '18446744073709551621',
    ],
    (text) => `${OK}content-length: ${text}\r\n\r\nhello`,
    {
      rfc: 'RFC 9110 §8.6; RFC 9112 §6.3 (5)',
      says: 'an invalid length can not be recovered from',
      made: { refuses: 'bad-header' },
    },
  ),
  {
    about: 'two lengths',
    rfc: 'RFC 9112 §6.3 (5)',
    says: 'an invalid length can not be recovered from',
    answer: `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`,
    made: { refuses: 'bad-header' },
  },
  {
    about: 'a length beside chunks',
    rfc: 'RFC 9112 §6.3 (3)',
    says: 'it may be an attack, and ought to be an error',
    answer: `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${HELLO}`,
    made: { refuses: 'bad-header' },
  },
  {
    about: 'a length beside the coding identity',
    rfc: 'RFC 9112 §6.3 (3), §7',
    says: 'it may be an attack; identity is no longer a transfer coding',
    answer: `${OK}content-length: 5\r\ntransfer-encoding: identity\r\n\r\nhello`,
    made: { refuses: 'bad-header' },
  },
];

/** Rules of transfer codings. */
export const CODINGS: readonly Rule[] = [
  ...alike(
    'the transfer coding',
    [
      'chunked, deflate',
      'gzip, chunked',
      'chunked\r\ntransfer-encoding: identity',
      'identity',
      'chunkedchunked',
      'xchunked',
      'chunked chunked',
      '"chunked"',
      'chunked;q=1',
      'chunked\r\n  abc',
      ',',
    ],
    (text) => `${OK}transfer-encoding: ${text}\r\n\r\n${HELLO}`,
    {
      rfc: 'RFC 9112 §6.1, §7.1, §7.4',
      says: 'a server may use no coding but chunked, once, as the client asked for none',
      made: { refuses: 'bad-header' },
    },
    {
      takes: [
        'chunked, deflate',
        'gzip, chunked',
        'chunked\r\ntransfer-encoding: identity',
        'identity',
        'chunkedchunked',
        'xchunked',
        'chunked chunked',
        '"chunked"',
        'chunked;q=1',
        ',',
      ],
    },
  ),
  ...alike(
    'the transfer coding',
    ['Chunked', 'chunked\t', 'chunked,', ',chunked', '\r\n chunked'],
    (text) => `${OK}transfer-encoding: ${text}\r\n\r\n${HELLO}`,
    {
      rfc: 'RFC 9110 §5.5, §5.6.1.2; RFC 9112 §5.2, §7',
      says: 'names of codings have no case, empty elements are none, and whitespace around a value is no part of it',
      made: { keeps: 'hello' },
    },
    { differs: ['chunked\t', 'chunked,'], refuses: ['\r\n chunked'] },
  ),
  {
    about: 'chunks in HTTP/1.0 with keep-alive',
    rfc: 'RFC 9112 §6.1',
    says: 'the framing is faulty: the connection ends behind the answer',
    answer: `HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n${HELLO}`,
    made: { ends: 'hello' },
  },
];

/** Rules of answers whose connection ends early. */
export const ENDS: readonly Rule[] = [
  ...alike(
    'an end behind',
    [
      '',
      'HTT',
      'HTTP/1.1 200',
      OK,
      `${OK}content-leng`,
      `${OK}content-length: 0\r\n`,
      'HTTP/1.1 100 Continue\r\n\r\n',
    ],
    (answer) => answer,
    {
      rfc: 'RFC 9112 §8',
      says: 'an answer whose connection ends within its head is not complete',
      made: { refuses: 'reset' },
    },
  ),
  ...alike(
    'an end behind',
    [
      `${OK}content-length: 5\r\n\r\n`,
      `${OK}content-length: 5\r\n\r\nhell`,
      CHUNKED,
      `${CHUNKED}5`,
      `${CHUNKED}5\r\nhell`,
      `${CHUNKED}5\r\nhello\r\n`,
      `${CHUNKED}5\r\nhello\r\n0\r\n`,
      `${CHUNKED}5\r\nhello\r\n0\r\nx: y\r\n`,
    ],
    (answer) => answer,
    {
      rfc: 'RFC 9112 §8',
      says: 'an answer that ends before its framing does is not complete',
      made: { refuses: 'body-truncated' },
    },
  ),
];
