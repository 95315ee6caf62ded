import zlib from 'node:zlib';
import { either, refused, type Truth, valid } from '../case.ts';
import { type Plan, single } from '../plan.ts';
import { MAX_BODY } from '../profiles.ts';
import type { Random } from '../random.ts';

const ENCODE: Readonly<Record<Coding, (body: Buffer) => Buffer>> = {
  gzip: (body) => zlib.gzipSync(body, { level: 1 }),
  deflate: (body) => zlib.deflateSync(body, { level: 1 }),
  br: (body) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (body) => zlib.zstdCompressSync(body),
};

type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';
const CODINGS: readonly Coding[] = ['gzip', 'deflate', 'br', 'zstd'];

/** A coded body, what its content-encoding says, and what may come of it. */
interface Coded {
  readonly mark: string;
  readonly says: string;
  readonly bytes: Buffer;
  readonly truth: Truth;
}

const wrong = refused('bad-body');
const SKIPPABLE = Buffer.from('502a4d180400000001020304', 'hex');

/** A body with a content-encoding, right or wrong. */
export function codedBody(random: Random, label: string): Plan {
  const body = Buffer.concat([Buffer.from(label), contentOf(random)]);
  const coding = random.one(CODINGS);
  const { mark, says, bytes, truth } = random.weighted(WAYS)(body, coding, random);
  const framing = random.chance(0.7) ? `content-length: ${bytes.length}\r\n` : '';
  const head = `HTTP/1.1 200 OK\r\n${says
    .split('\n')
    .map((line) => `content-encoding: ${line}\r\n`)
    .join('')}${framing}\r\n`;
  return single({
    marks: [mark],
    host: 'shared',
    steps: [
      { say: Buffer.concat([Buffer.from(head, 'latin1'), bytes]) },
      ...(framing === '' ? ([{ finish: 'end' }] as const) : []),
    ],
    truth,
    peers: ['undici', 'curl'],
  });
}

type Way = (body: Buffer, coding: Coding, random: Random) => Coded;

const WAYS: readonly (readonly [weight: number, way: Way])[] = [
  [
    4,
    (body, coding) => ({
      mark: `coded-${coding}`,
      says: coding,
      bytes: ENCODE[coding](body),
      truth: valid(200, body),
    }),
  ],
  [
    2,
    (body, coding, random) => ({
      mark: 'content-coding-name-written-oddly',
      says: random.one([
        coding.toUpperCase(),
        ` ${coding}\t`,
        ` \t${coding}`,
        coding === 'gzip' ? 'x-gzip' : coding,
      ]),
      bytes: ENCODE[coding](body),
      truth: valid(200, body),
    }),
  ],
  [2, stacked],
  [
    1,
    (body, coding, random) => ({
      mark: 'content-coding-list-odd',
      says: random.one([
        `identity, ${coding}`,
        `${coding}, identity`,
        `,${coding}`,
        `${coding},`,
        `${coding}, , identity`,
        `${coding}\nidentity`,
      ]),
      bytes: ENCODE[coding](body),
      truth: valid(200, body),
    }),
  ],
  [
    1,
    (body, _coding, random) => ({
      mark: 'content-coding-identity',
      says: random.one(['identity', 'Identity', 'identity, identity', '']),
      bytes: body,
      truth: valid(200, body),
    }),
  ],
  [
    2,
    (body, _coding, random) => ({
      mark: 'content-coding-unknown',
      says: random.one([
        'foo',
        'utf-8',
        'none',
        'aws-chunked',
        'compress',
        'constructor',
        '__proto__',
        'toString',
        'hasOwnProperty',
        'valueOf',
        '__defineGetter__',
        '\xe9',
        '"gzip"',
        'constructor, constructor',
        '__proto__,x',
        'g zip',
        'GZIPPED',
      ]),
      bytes: body,
      // Nobody can say what it was before; it is given as it came, or refused.
      truth: either(valid(200, body), wrong),
    }),
  ],
  [
    1,
    (body, coding, random) => ({
      mark: 'content-coding-unknown-in-list',
      says: random.one([
        `foo, ${coding}`,
        `${coding}, foo`,
        `constructor, ${coding}`,
        `${coding};q=1`,
        `${coding} ${coding}`,
      ]),
      bytes: ENCODE[coding](body),
      truth: either(valid(200, body), valid(200, ENCODE[coding](body)), wrong),
    }),
  ],
  [
    2,
    (body, coding, random) => {
      const bytes = ENCODE[coding](body);
      return {
        mark: `cut-${coding}`,
        says: coding,
        bytes: bytes.subarray(0, random.between(1, bytes.length - 1)),
        truth: wrong,
      };
    },
  ],
  [
    1,
    (_body, coding) => ({
      mark: 'coded-nothing',
      says: coding,
      bytes: Buffer.alloc(0),
      truth: either(valid(200, Buffer.alloc(0)), wrong),
    }),
  ],
  [
    1,
    (_body, coding) => ({
      mark: 'coded-empty',
      says: coding,
      bytes: ENCODE[coding](Buffer.alloc(0)),
      truth: valid(200, Buffer.alloc(0)),
    }),
  ],
  [
    2,
    (body, _coding, random) => {
      const coding = random.one(['gzip', 'zstd'] as const);
      const at = random.below(body.length + 1);
      const parts = [body.subarray(0, at), body.subarray(at)].map(ENCODE[coding]);
      return {
        mark: `members-${coding}`,
        says: coding,
        bytes: Buffer.concat(parts),
        truth: valid(200, body),
      };
    },
  ],
  [
    1,
    (body, _coding, random) => ({
      mark: 'zstd-skippable-frame',
      says: 'zstd',
      bytes: Buffer.concat(
        random.one([
          [SKIPPABLE, ENCODE.zstd(body)],
          [ENCODE.zstd(body), SKIPPABLE],
          [SKIPPABLE, SKIPPABLE, ENCODE.zstd(body)],
        ]),
      ),
      truth: valid(200, body),
    }),
  ],
  [
    2,
    (body, coding, random) => ({
      mark: `garbage-after-${coding}`,
      says: coding,
      bytes: Buffer.concat([
        ENCODE[coding](body),
        random.one([Buffer.from('garbage!'), random.bytes(random.between(1, 40)), Buffer.from('x')]),
      ]),
      // gzip(1) passes over it with a warning; where zlib ends, so does the body.
      truth: coding === 'gzip' || coding === 'deflate' ? either(valid(200, body), wrong) : wrong,
    }),
  ],
  [
    1,
    (body, coding, random) => ({
      mark: `zeros-after-${coding}`,
      says: coding,
      bytes: Buffer.concat([ENCODE[coding](body), Buffer.alloc(random.between(1, 600))]),
      truth: either(valid(200, body), wrong),
    }),
  ],
  [
    2,
    (body, coding, random) => {
      const bytes = Buffer.from(ENCODE[coding](body));
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      return { mark: `flipped-${coding}`, says: coding, bytes, truth: flippedTruth(coding, body) };
    },
  ],
  [
    1,
    (body, coding, random) => {
      const other = random.one(CODINGS.filter((one) => one !== coding));
      return { mark: `coded-otherwise-${coding}`, says: coding, bytes: ENCODE[other](body), truth: wrong };
    },
  ],
  [
    1,
    (body, coding) => ({
      mark: `not-coded-${coding}`,
      says: coding,
      bytes: Buffer.concat([Buffer.from('plain '), body]),
      truth: wrong,
    }),
  ],
  [
    1,
    (body) => ({
      mark: 'deflate-raw',
      says: 'deflate',
      bytes: zlib.deflateRawSync(body),
      truth: either(valid(200, body), wrong),
    }),
  ],
  [
    1,
    (_body, coding, random) => ({
      mark: `bomb-${coding}`,
      says: coding,
      bytes: bomb(coding, random.one([2, 16, 64])),
      truth: refused('body-too-large'),
    }),
  ],
  [
    1,
    (_body, coding) => ({
      mark: 'bomb-stacked',
      says: `${coding}, ${coding}`,
      bytes: ENCODE[coding](bomb(coding, 64)),
      truth: refused('body-too-large'),
    }),
  ],
  [
    1,
    (body, coding, random) => ({
      mark: 'content-coding-list-long',
      says: Array(random.one([20, 500]))
        .fill(coding)
        .join(random.one([',', ', '])),
      bytes: ENCODE[coding](body),
      truth: wrong,
    }),
  ],
];

function stacked(body: Buffer, _coding: Coding, random: Random): Coded {
  const codings = Array.from({ length: random.between(2, 4) }, () => random.one(CODINGS));
  const bytes = codings.reduce((coded, coding) => ENCODE[coding](coded), body);
  return {
    mark: 'coded-stacked',
    says: codings.join(random.one([', ', ',', ' ,\t', '\n'])),
    bytes,
    truth: valid(200, body),
  };
}

/** Only a check sum tells of a changed bit; brotli has none, zstd need not. */
function flippedTruth(coding: Coding, body: Buffer): Truth {
  const errors = refused('bad-body', 'body-too-large');
  const hasSum = coding === 'gzip' || coding === 'deflate';
  return either(errors, hasSum ? valid(200, body) : valid(200));
}

const BOMBS = new Map<string, Buffer>();

/** So many megabytes of nothing, packed. */
function bomb(coding: Coding, megabytes: number): Buffer {
  const key = `${coding}/${megabytes}`;
  const known = BOMBS.get(key) ?? ENCODE[coding](Buffer.alloc(megabytes * MAX_BODY + 1));
  BOMBS.set(key, known);
  return known;
}

function contentOf(random: Random): Buffer {
  return random.weighted<() => Buffer>([
    [4, () => Buffer.from('hello world '.repeat(random.below(40)))],
    [2, () => random.bytes(random.below(400))],
    [1, () => Buffer.concat(Array(random.between(10, 60)).fill(random.bytes(700)))],
    [1, () => Buffer.alloc(random.below(400_000), 'abc')],
    // Not small when it is packed, so that a thread unpacks it.
    [1, () => random.bytes(random.between(17_000, 40_000))],
  ])();
}
