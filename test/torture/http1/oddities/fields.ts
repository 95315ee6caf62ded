import { field, type Oddity } from '../oddity.ts';

/** Fields, and what ends their lines. */
export const FIELDS: readonly Oddity[] = [
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
