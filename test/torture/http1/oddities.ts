import type { ErrorCode } from '../../../src/fetch/index.ts';
import type { Random } from '../random.ts';
import type { Draft } from './draft.ts';

/** One way in which an answer is unusual or wrong. */
export interface Oddity {
  /** Its name: the known differences between clients are told by these. */
  readonly mark: string;
  /**
   * 'fine': the answer stands. 'wrong': the answer must be an error, or another answer could be smuggled past a client.
   * 'either': the RFC leaves it to the client.
   */
  readonly effect: 'fine' | 'wrong' | 'either';
  /** The errors that it may be. */
  readonly codes: readonly ErrorCode[];
  readonly fits?: (draft: Draft) => boolean;
  bend(draft: Draft, random: Random): void;
}

const HEAD: readonly ErrorCode[] = ['bad-header'];
const BODY: readonly ErrorCode[] = ['bad-body'];

type Effect = Oddity['effect'];

/** A status line instead of the usual one, made of one of these. */
function statusLine(mark: string, effect: Effect, ...lines: ((draft: Draft) => string)[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    bend: (draft, random) => {
      draft.statusLine = random.one(lines)(draft);
    },
  };
}

/** One of these lines among the fields. */
function field(mark: string, effect: Effect, ...lines: string[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    bend: (draft, random) => {
      draft.lines.splice(random.below(draft.lines.length + 1), 0, random.one(lines));
    },
  };
}

/** The content-length says one of these instead of the length. */
function length(mark: string, effect: Effect, ...texts: ((length: number) => string)[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    fits: ({ framing }) => framing === 'length',
    bend: (draft, random) => {
      draft.framingLines = random
        .one(texts)(draft.body.length)
        .split('\n')
        .map((text) => `Content-Length: ${text}`);
    },
  };
}

/** The transfer-encoding says one of these. */
function coding(mark: string, effect: Effect, ...texts: string[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    fits: ({ framing, version }) => framing === 'chunked' && version === '1.1',
    bend: (draft, random) => {
      draft.framingLines = [`Transfer-Encoding: ${random.one(texts)}`];
    },
  };
}

/** One of the chunks is bent. */
function chunk(
  mark: string,
  effect: Effect,
  bend: (chunk: Draft['chunks'][number], random: Random) => void,
  codes = BODY,
): Oddity {
  return {
    mark,
    effect,
    codes,
    fits: ({ chunks }) => chunks.length > 0,
    bend: (draft, random) => bend(random.one(draft.chunks), random),
  };
}

/** What follows the last chunk's data is bent. */
function trailer(
  mark: string,
  effect: Effect,
  part: 'lastChunk' | 'trailers' | 'trailerEnd',
  ...texts: string[]
): Oddity {
  return {
    mark,
    effect,
    codes: part === 'trailers' || effect !== 'wrong' ? BODY : ['bad-body', 'body-truncated'],
    fits: ({ framing }) => framing === 'chunked',
    bend: (draft, random) => {
      draft[part] = random.one(texts);
    },
  };
}

const code = ({ status }: Draft) => String(status);

const STATUS_LINES: readonly Oddity[] = [
  statusLine(
    'reason-left-out',
    'fine',
    (d) => `HTTP/1.1 ${code(d)}`,
    (d) => `HTTP/1.1 ${code(d)} `,
  ),
  statusLine(
    'reason-odd',
    'fine',
    (d) => `HTTP/1.1 ${code(d)} \xe4\xf6`,
    (d) => `HTTP/1.1 ${code(d)} a\tb`,
    (d) => `HTTP/1.1 ${code(d)} ${'x'.repeat(3000)}`,
    (d) => `HTTP/1.1 ${code(d)} HTTP/1.1 500 OK`,
    (d) => `HTTP/1.1 ${code(d)} :;<>"`,
  ),
  statusLine(
    'reason-control-character',
    'wrong',
    (d) => `HTTP/1.1 ${code(d)} a\0b`,
    (d) => `HTTP/1.1 ${code(d)} \x1b[31mred`,
    (d) => `HTTP/1.1 ${code(d)} a\x7f`,
  ),
  statusLine(
    'reason-bare-cr',
    'wrong',
    (d) => `HTTP/1.1 ${code(d)} a\rb`,
    (d) => `HTTP/1.1 ${code(d)} a\r`,
  ),
  statusLine(
    'status-line-spaces',
    'wrong',
    (d) => `HTTP/1.1  ${code(d)} OK`,
    (d) => `HTTP/1.1\t${code(d)} OK`,
    (d) => ` HTTP/1.1 ${code(d)} OK`,
    (d) => `HTTP /1.1 ${code(d)} OK`,
    (d) => `HTTP/1.1${code(d)} OK`,
  ),
  statusLine(
    'status-line-empty-before',
    'either',
    (d) => `\r\nHTTP/1.1 ${code(d)} OK`,
    (d) => `\nHTTP/1.1 ${code(d)} OK`,
  ),
  statusLine(
    'version-minor',
    'either',
    (d) => `HTTP/1.2 ${code(d)} OK`,
    (d) => `HTTP/1.9 ${code(d)} OK`,
  ),
  statusLine(
    'version-other',
    'wrong',
    (d) => `HTTP/2.0 ${code(d)} OK`,
    (d) => `HTTP/2 ${code(d)} OK`,
    (d) => `HTTP/0.9 ${code(d)} OK`,
    (d) => `HTTP/3.1 ${code(d)} OK`,
    (d) => `HTTP/1.10 ${code(d)} OK`,
    (d) => `HTTP/01.1 ${code(d)} OK`,
    (d) => `HTTP/1. ${code(d)} OK`,
  ),
  statusLine(
    'not-http',
    'wrong',
    (d) => `http/1.1 ${code(d)} OK`,
    (d) => `ICY ${code(d)} OK`,
    (d) => `RTSP/1.0 ${code(d)} OK`,
    () => 'SSH-2.0-OpenSSH_9.2',
    () => '220 mail.example ESMTP',
    () => '<html><body>hello',
    () => '',
    () => '\x16\x03\x01\x00\x05',
    () => '\xff\xfe\xfd',
  ),
  statusLine(
    'status-no-three-digits',
    'wrong',
    ...['99', '1000', '20', 'abc', '2 0', '+200', '0200', '200a', '-200', '20\xb2', '2OO', ''].map(
      (status) => () => `HTTP/1.1 ${status} OK`,
    ),
  ),
  statusLine(
    'status-below-100',
    'wrong',
    () => 'HTTP/1.1 099 OK',
    () => 'HTTP/1.1 000 OK',
  ),
  statusLine(
    'field-space-first',
    'either',
    (d) => `HTTP/1.1 ${code(d)} OK\r\n folded`,
    (d) => `HTTP/1.1 ${code(d)} OK\r\n x: y`,
  ),
  statusLine(
    'status-101',
    'wrong',
    () => 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade',
  ),
];

const FIELDS: readonly Oddity[] = [
  field('field-folded', 'fine', 'x-a: b\r\n c', 'x-a: b\r\n\tc', 'x-a: \r\n b'),
  field('field-no-colon', 'wrong', 'no colon', 'nocolon'),
  field(
    'field-space-before-colon',
    'wrong',
    'x : y',
    'x\t: y',
    'Content-Length : 3',
    'Transfer-Encoding : chunked',
  ),
  field('field-name-empty', 'wrong', ': y', ':'),
  field('field-name-bad', 'wrong', 'x y: z', 'x(y): z', '"x": y', 'x;: y', 'x@: y', 'x/y: z', '{x}: y'),
  field('field-name-not-ascii', 'wrong', '\xe9: z', 'x\x80: y', '\xff\xff: y'),
  field('field-name-control-character', 'wrong', 'x\0y: z', 'x\x01: y', 'x\x7f: y', 'x\r: y'),
  field('field-name-odd', 'fine', "!#$%&'*+-.^_`|~09azAZ: y", '-: y', '_: y', '1: y'),
  field(
    'field-name-of-object',
    'fine',
    '__proto__: a',
    'constructor: b',
    'toString: c',
    'hasOwnProperty: d',
    'valueOf: e',
  ),
  field('field-name-long', 'fine', `${'x'.repeat(3000)}: y`),
  field('field-value-nul', 'wrong', 'x: a\0b', 'x: \0', 'x: a\0'),
  field('field-value-bare-cr', 'wrong', 'x: a\rb', 'x: \r', 'x: a\r', 'x: a\r\r'),
  field(
    'field-value-control-character',
    'either',
    'x: a\x01b',
    'x: a\x7fb',
    'x: \x1b[31m',
    'x: a\x0bb',
    'x: a\x0cb',
  ),
  field(
    'field-value-odd',
    'fine',
    'x: \x80\xff',
    'x:',
    'x: ',
    'x:y',
    'x::y',
    'x:   y   ',
    'x:\ty\t',
    'x: "',
    'x: ,',
    'x: a,,b',
  ),
  field('field-value-long', 'fine', `x: ${'y'.repeat(3000)}`),
  field('field-value-very-long', 'fine', `x: ${'y'.repeat(40_000)}`),
  field('head-too-long', 'wrong', `x: ${'y'.repeat(70_000)}`, Array(8000).fill('x: yyyyyyy').join('\r\n')),
  field('fields-many', 'fine', Array(150).fill('x: y').join('\r\n'), Array(600).fill('x-y: z').join('\r\n')),
  field('fields-very-many', 'fine', Array(2500).fill('x-y: z').join('\r\n')),
  field('set-cookie-twice', 'fine', 'set-cookie: a=1\r\nset-cookie: b=2'),
  field(
    'connection-odd',
    'fine',
    'connection: ',
    'connection: ,',
    'connection: clo se',
    'connection: "close"',
    'connection: upgrade',
    'connection: keep-alive, upgrade',
    'proxy-connection: close',
    'keep-alive: timeout=5, max=0',
    'connection: close\r\nconnection: keep-alive',
  ),
  field(
    'upgrade-offered',
    'fine',
    'upgrade: h2c',
    'upgrade: websocket\r\nconnection: upgrade',
    'alt-svc: h3=":443"',
  ),
  field('trailer-announced', 'fine', 'trailer: x', 'trailer: content-length'),
  {
    mark: 'line-end-lf',
    effect: 'either',
    codes: ['bad-header', 'reset'],
    bend: (draft) => {
      draft.lineEnd = '\n';
      draft.blankLine = '\n';
    },
  },
  {
    mark: 'line-end-odd',
    effect: 'wrong',
    codes: ['bad-header', 'reset'],
    bend: (draft, random) => {
      draft.lineEnd = random.one(['\r', '\r\r\n', '\n\r']);
    },
  },
  {
    mark: 'blank-line-odd',
    effect: 'either',
    codes: ['bad-header', 'reset', 'bad-body', 'body-truncated'],
    bend: (draft, random) => {
      draft.blankLine = random.one(['\n', '\r\r\n']);
    },
  },
];

const LENGTHS: readonly Oddity[] = [
  length(
    'length-spaces',
    'fine',
    (n) => ` ${n}`,
    (n) => `${n} `,
    (n) => `\t${n}\t`,
    (n) => `   ${n}`,
  ),
  length(
    'length-zeros',
    'fine',
    (n) => `0${n}`,
    (n) => `0000${n}`,
  ),
  length('length-very-many-zeros', 'fine', (n) => `00000000000000000000${n}`),
  length(
    'length-no-number',
    'wrong',
    (n) => `+${n}`,
    (n) => `-${n}`,
    (n) => `0x${n}`,
    (n) => `${n}.0`,
    (n) => `${n}a`,
    (n) => `${n} ${n}`,
    (n) => `${n};q`,
    () => '1e1',
    () => '-1',
    () => '-0',
    () => 'abc',
    () => '\xb2',
    (n) => `"${n}"`,
    () => '5\x0b',
  ),
  length(
    'length-empty',
    'wrong',
    () => '',
    () => ' ',
  ),
  length(
    'length-twice-same',
    'either',
    (n) => `${n}\n${n}`,
    (n) => `${n}, ${n}`,
    (n) => `${n},${n}`,
  ),
  length(
    'length-twice',
    'wrong',
    (n) => `${n}\n${n + 1}`,
    (n) => `${n + 1}\n${n}`,
    (n) => `${n}, ${n + 1}`,
    (n) => `${n}\n`,
    (n) => `0\n${n}`,
  ),
  length(
    'length-list-empty',
    'either',
    (n) => `${n},`,
    (n) => `,${n}`,
  ),
  length(
    'length-huge',
    'wrong',
    () => '99999999999999999999',
    () => '18446744073709551616',
    () => '9223372036854775808',
    () => '9007199254740993',
  ),
  {
    ...length(
      'length-above-limit',
      'wrong',
      () => '999999999999',
      () => '4294967297',
      () => '2000000',
    ),
    codes: ['body-too-large'],
  },
  {
    mark: 'length-and-chunked',
    effect: 'either',
    codes: HEAD,
    fits: ({ framing }) => framing === 'chunked',
    bend: (draft, random) => {
      const line = `Content-Length: ${random.one([draft.body.length, 0, 3, 100_000])}`;
      if (random.chance(0.5)) draft.framingLines.push(line);
      else draft.framingLines.unshift(line);
    },
  },
];

const CODINGS: readonly Oddity[] = [
  coding('transfer-coding-spaces', 'fine', ' chunked', 'chunked ', '\tchunked\t'),
  coding('transfer-coding-list-empty', 'fine', 'chunked,', ',chunked', ', chunked'),
  coding(
    'transfer-coding-unasked',
    'wrong',
    'gzip, chunked',
    'gzip',
    'x, chunked',
    'deflate, chunked',
    'compress',
  ),
  coding('transfer-coding-identity', 'wrong', 'identity', 'identity, chunked'),
  coding('transfer-coding-chunked-not-last', 'wrong', 'chunked, gzip', 'chunked, identity'),
  coding(
    'transfer-coding-chunked-twice',
    'wrong',
    'chunked, chunked',
    'chunked\r\nTransfer-Encoding: chunked',
  ),
  coding(
    'transfer-coding-bad',
    'wrong',
    'xchunked',
    'chunk',
    '"chunked"',
    'chunked;q=1',
    'chunked x',
    '\x0bchunked',
    'chun\x80ked',
    'constructor',
    '__proto__',
  ),
  coding('transfer-coding-empty', 'either', ''),
  {
    mark: 'transfer-coding-in-http-1.0',
    effect: 'either',
    codes: HEAD,
    fits: ({ framing, version }) => framing === 'chunked' && version === '1.1',
    bend: (draft) => {
      draft.statusLine = draft.statusLine.replace('HTTP/1.1', 'HTTP/1.0');
    },
  },
];

const CHUNKS: readonly Oddity[] = [
  chunk('chunk-size-zeros', 'fine', (c) => {
    c.size = `0000000000000000${c.size}`;
  }),
  chunk('chunk-size-padded', 'fine', (c, random) => {
    c.size += random.one([' ', '\t', '   ']);
  }),
  chunk('chunk-size-space-before', 'wrong', (c) => {
    c.size = ` ${c.size}`;
  }),
  chunk('chunk-size-no-number', 'wrong', (c, random) => {
    c.size = random.one([
      `0x${c.size}`,
      `+${c.size}`,
      `-${c.size}`,
      '',
      'g',
      `${c.size}g`,
      `${c.size}.0`,
      `${c.size}_`,
      '\xb2',
    ]);
  }),
  chunk(
    'chunk-size-huge',
    'wrong',
    (c, random) => {
      c.size = random.one([
        'ffffffffffffffff',
        '7fffffffffffffff',
        '10000000000000000',
        'fffffffffffff',
        '100000000',
        '7fffffff',
        `1${'0'.repeat(16)}${c.size}`,
      ]);
    },
    ['bad-body', 'body-too-large', 'body-truncated'],
  ),
  chunk('chunk-extension', 'fine', (c, random) => {
    c.extension = random.one([
      ';a=b',
      ';a',
      ';a="b;c"',
      ';a=b;c=d',
      ' ;a=b',
      '\t;\ta',
      ' ; a = b',
      ';a="x y"',
    ]);
  }),
  chunk('chunk-extension-odd', 'either', (c, random) => {
    c.extension = random.one([';', ';;', ';=', ';a=', ';a=="', ';a="', ';a=\xe9', ';\xff']);
  }),
  chunk('chunk-extension-long', 'fine', (c) => {
    c.extension = `;${'e'.repeat(2000)}`;
  }),
  chunk('chunk-extension-too-long', 'either', (c) => {
    c.extension = `;${'e'.repeat(20_000)}`;
  }),
  chunk('chunk-extension-control-character', 'wrong', (c, random) => {
    c.extension = random.one([';\0', ';a\x01', ';\x7f']);
  }),
  chunk('chunk-extension-bare-cr', 'wrong', (c, random) => {
    c.extension = random.one([';a\rb', ';a="\r"', '\r']);
  }),
  chunk('chunk-extension-bare-lf', 'wrong', (c, random) => {
    c.extension = random.one([';a\nb', ';a="\n"', '\n']);
  }),
  chunk('chunk-size-end-lf', 'either', (c) => {
    c.sizeEnd = '\n';
  }),
  chunk(
    'chunk-size-end-odd',
    'wrong',
    (c, random) => {
      c.sizeEnd = random.one(['\r', '\r\r\n', '\n\n', '\r\n\r\n', '\n\r', 'X\r\n']);
    },
    ['bad-body', 'body-too-large', 'body-truncated'],
  ),
  chunk('chunk-data-end-lf', 'either', (c) => {
    c.dataEnd = '\n';
  }),
  chunk(
    'chunk-data-end-odd',
    'wrong',
    (c, random) => {
      c.dataEnd = random.one(['\r', '', '\r\r\n', '\r\n\r\n', 'X\r\n', ' \r\n', '0\r\n']);
    },
    ['bad-body', 'body-too-large', 'body-truncated'],
  ),
  trailer('last-chunk-odd', 'fine', 'lastChunk', '00\r\n', '0000\r\n', '0;ext\r\n', '0;a=b\r\n'),
  trailer('last-chunk-wrong', 'wrong', 'lastChunk', '0x0\r\n', '-0\r\n', '\r\n', 'g\r\n'),
  trailer('last-chunk-end-lf', 'either', 'lastChunk', '0\n'),
  trailer(
    'trailer-framing',
    'fine',
    'trailers',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'content-encoding: gzip\r\n',
    'connection: close\r\n',
  ),
  trailer('trailers-many', 'fine', 'trailers', 'x: y\r\n'.repeat(500), `x: ${'y'.repeat(2000)}\r\n`),
  trailer(
    'trailer-too-long',
    'wrong',
    'trailers',
    `x: ${'y'.repeat(70_000)}\r\n`,
    'x: yyyyyyy\r\n'.repeat(8000),
  ),
  trailer(
    'trailer-wrong',
    'wrong',
    'trailers',
    'bad\r\n',
    ' x: y\r\n',
    'x : y\r\n',
    ': y\r\n',
    'x\0: y\r\n',
    '\xe9: y\r\n',
  ),
  trailer('trailer-bare-cr', 'wrong', 'trailers', 'x: a\rb\r\n'),
  trailer('trailer-nul', 'wrong', 'trailers', 'x: a\0b\r\n'),
  trailer('trailer-control-character', 'either', 'trailers', 'x: a\x01\r\n'),
  trailer('trailer-folded', 'fine', 'trailers', 'x: y\r\n folded\r\n'),
  trailer('trailer-end-lf', 'either', 'trailers', 'x: y\n'),
  trailer('trailer-unended', 'wrong', 'trailerEnd', '', '\r'),
];

const REST: readonly Oddity[] = [
  {
    mark: 'interim-up-to-limit',
    effect: 'fine',
    codes: [],
    bend: (draft) => {
      draft.interim = Array(30).fill('HTTP/1.1 103 Early Hints\r\n\r\n');
    },
  },
  {
    mark: 'interim-flood',
    effect: 'wrong',
    codes: HEAD,
    bend: (draft, random) => {
      draft.interim = Array(random.one([40, 1000, 20_000])).fill('HTTP/1.1 100 Continue\r\n\r\n');
    },
  },
  {
    mark: 'interim-odd',
    effect: 'fine',
    codes: [],
    bend: (draft, random) => {
      draft.interim.push(
        random.one([
          'HTTP/1.1 100\r\n\r\n',
          'HTTP/1.1 103 x\r\ncontent-length: 7\r\n\r\n',
          'HTTP/1.1 100 x\r\nconnection: close\r\n\r\n',
          'HTTP/1.0 100 Continue\r\n\r\n',
          'HTTP/1.1 102 x\r\nset-cookie: a=b\r\n\r\n',
        ]),
      );
    },
  },
  {
    mark: 'interim-chunked',
    effect: 'either',
    codes: ['bad-header'],
    bend: (draft) => {
      draft.interim.push('HTTP/1.1 103 x\r\ntransfer-encoding: chunked\r\n\r\n');
    },
  },
  {
    mark: 'length-without-body',
    effect: 'fine',
    codes: [],
    fits: ({ framing }) => framing === 'none',
    bend: (draft, random) => {
      draft.framingLines = [random.one(['Content-Length: 5', 'Content-Length: 0', 'Content-Length: 100000'])];
    },
  },
  {
    mark: 'excess',
    effect: 'fine',
    codes: [],
    fits: ({ framing, written }) => framing !== 'until-close' && written.length < 4000,
    bend: (draft, random) => {
      draft.excess = Buffer.from(
        random.one([
          'x',
          '\r\n',
          '\0',
          'HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled',
          '\r\n\r\n',
          '0\r\n\r\n',
          '\x16\x03\x01',
        ]),
        'latin1',
      );
    },
  },
];

/** All of them; those of one group do not go together. */
export const ODDITIES: readonly (readonly [weight: number, group: readonly Oddity[]])[] = [
  [3, STATUS_LINES],
  [6, FIELDS],
  [3, LENGTHS],
  [3, CODINGS],
  [5, CHUNKS],
  [2, REST],
];
