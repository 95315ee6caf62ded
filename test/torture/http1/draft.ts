import type { Random } from '../random.ts';

/** One chunk of a chunked body, as it is written. */
export interface Chunk {
  size: string;
  extension: string;
  sizeEnd: string;
  data: Buffer;
  dataEnd: string;
}

/** An HTTP/1.1 answer before it is written: every part can be bent. Texts are latin1. */
export interface Draft {
  interim: string[];
  statusLine: string;
  lines: string[];
  lineEnd: string;
  blankLine: string;
  readonly status: number;
  /** Major and minor version as written, while they are the usual ones. */
  readonly version: '1.0' | '1.1';
  readonly framing: 'length' | 'chunked' | 'until-close' | 'none';
  /** Content-Length and Transfer-Encoding, whole lines. */
  framingLines: string[];
  /** What was meant to be delivered. */
  readonly body: Buffer;
  /** What a length or the connection's end frames; chunks have their own. */
  written: Buffer;
  chunks: Chunk[];
  lastChunk: string;
  trailers: string;
  trailerEnd: string;
  /** What comes behind the answer. */
  excess: Buffer;
}

const STATUSES = [
  200, 200, 200, 200, 200, 201, 203, 206, 226, 299, 400, 404, 410, 418, 451, 500, 501, 505, 599,
];
const NAMES = ['x', 'Vary', 'ETag', 'Server', 'X-Long-Name', 'Cache-Control', 'Via', 'X_y', 'x.y'];
const VALUES = [
  'a',
  'b c',
  '"quoted"',
  '',
  '1',
  'a, b',
  'a\tb',
  '\xe9t\xe9',
  'HTTP/1.1 200 OK',
  ':',
  'x'.repeat(200),
];
const LARGE = 200_000;

/** A whole and correct answer; its body begins with `label`, by which it is known. */
export function soundDraft(random: Random, label: string): Draft {
  const bodiless = random.chance(0.08);
  const status = bodiless ? random.one([204, 304]) : random.one(STATUSES);
  const version = random.chance(0.12) ? '1.0' : '1.1';
  const framing = bodiless
    ? 'none'
    : random.weighted<'length' | 'chunked' | 'until-close'>([
        [5, 'length'],
        [version === '1.1' ? 5 : 0, 'chunked'],
        [2, 'until-close'],
      ]);
  const body = bodiless ? Buffer.alloc(0) : bodyOf(random, label);
  const lines = Array.from({ length: random.below(4) }, () => `${random.one(NAMES)}: ${random.one(VALUES)}`);
  if (random.chance(0.2))
    lines.push(`Connection: ${random.one(['close', 'keep-alive', 'Close', 'x, close'])}`);
  return {
    interim: random.chance(0.08) ? interims(random, random.between(1, 4)) : [],
    statusLine: `HTTP/${version} ${status} ${random.one(['OK', 'Some Reason', 'x'])}`,
    lines,
    lineEnd: '\r\n',
    blankLine: '\r\n',
    status,
    version,
    framing,
    framingLines:
      framing === 'length'
        ? [`${random.one(['Content-Length', 'content-length', 'CONTENT-LENGTH'])}: ${body.length}`]
        : framing === 'chunked'
          ? [`Transfer-Encoding: ${random.one(['chunked', 'Chunked', 'CHUNKED'])}`]
          : [],
    body,
    written: body,
    chunks: framing === 'chunked' ? chunksOf(random, body) : [],
    lastChunk: '0\r\n',
    trailers: framing === 'chunked' && random.chance(0.15) ? random.one(['x: y\r\n', 'x: y\r\nz: \r\n']) : '',
    trailerEnd: '\r\n',
    excess: Buffer.alloc(0),
  };
}

/** Interim answers (RFC 9110 §15.2), as servers send them. */
export function interims(random: Random, count: number): string[] {
  return Array.from({ length: count }, () =>
    random.one([
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n',
      'HTTP/1.1 102 Processing\r\nx: y\r\n\r\n',
      'HTTP/1.1 199 Unknown\r\n\r\n',
    ]),
  );
}

/** Where the head ends and the body begins. */
export function headOf(draft: Draft): Buffer {
  const lines = [draft.statusLine, ...draft.lines, ...draft.framingLines];
  const text = draft.interim.join('') + lines.map((line) => line + draft.lineEnd).join('') + draft.blankLine;
  return Buffer.from(text, 'latin1');
}

/** All bytes of the body, chunked or not, without the excess. */
export function bodyBytes(draft: Draft): Buffer {
  if (draft.framing !== 'chunked') return draft.written;
  return Buffer.concat([
    ...draft.chunks.flatMap(({ size, extension, sizeEnd, data, dataEnd }) => [
      Buffer.from(size + extension + sizeEnd, 'latin1'),
      data,
      Buffer.from(dataEnd, 'latin1'),
    ]),
    Buffer.from(draft.lastChunk + draft.trailers + draft.trailerEnd, 'latin1'),
  ]);
}

function bodyOf(random: Random, label: string): Buffer {
  const rest = random.weighted<() => Buffer>([
    [6, () => Buffer.from('x'.repeat(random.below(200)))],
    [2, () => random.bytes(random.below(300))],
    // What a client would read as another answer, if it lost count.
    [2, () => Buffer.from('\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled')],
    [1, () => Buffer.from('0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled')],
    [1, () => Buffer.alloc(random.below(LARGE), 'abcdefgh')],
  ])();
  return Buffer.concat([Buffer.from(label), rest]);
}

function chunksOf(random: Random, body: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  const most = random.one([1, 7, 100, 5000, LARGE]);
  for (let at = 0; at < body.length && chunks.length < 400; ) {
    const length =
      chunks.length === 399 ? body.length - at : random.between(1, Math.min(most, body.length - at));
    const size = length.toString(16);
    chunks.push({
      size: random.chance(0.2) ? size.toUpperCase() : random.chance(0.1) ? `00${size}` : size,
      extension: '',
      sizeEnd: '\r\n',
      data: body.subarray(at, at + length),
      dataEnd: '\r\n',
    });
    at += length;
  }
  return chunks;
}
