import { chunk, type Oddity, trailer } from '../oddity.ts';

/** Chunks and trailers. */
export const CHUNKS: readonly Oddity[] = [
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
