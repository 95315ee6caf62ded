import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { TEXT_TYPE, typed } from '../answers.ts';
import type { ServerExchange } from '../exchange.ts';
import { wholeNumber } from '../routes/parameters.ts';
import type { Fault } from './fault.ts';

/** Bodies whose encoding is a trap. */
export const GZIP: readonly Fault[] = [
  { name: 'gzip-bomb', about: '?megabytes=1024: that much, from a thousandth of it', happen: bomb },
  { name: 'broken-gzip', about: 'gzip with wrong bytes in the middle', happen: broken },
  { name: 'cut-gzip', about: 'gzip whose second half is missing', happen: cut },
  { name: 'gzip-checksum', about: 'gzip with a wrong checksum', happen: wrongChecksum },
  { name: 'not-gzip', about: 'plain text that claims to be gzip', happen: notGzip },
];

const FIELDS = typed(TEXT_TYPE, 'Content-Encoding', 'gzip');
const TEXT = Array.from({ length: 200 }, (_, line) => `line ${line}\n`).join('');
/** No name, no time, made on any system (RFC 1952 §2.3). */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const MEGABYTE = 1024 * 1024;

/** Made once per size: the checksum of a gigabyte takes half a second, which blocks all other answers. */
const bombs = new Map<number, Buffer>();

function bomb(exchange: ServerExchange, query: URLSearchParams): void {
  const megabytes = wholeNumber('megabytes', query.get('megabytes') ?? '1024', 1, 4095);
  const body = bombs.get(megabytes) ?? zeros(megabytes);
  bombs.set(megabytes, body);
  exchange.reply(200, FIELDS, body);
}

/**
 * One gzip member that unpacks to that many megabytes of zeros. A full flush ends on a byte and forgets what
 * went before (zlib's manual, deflate), so one megabyte's worth is compressed once and repeated.
 */
function zeros(megabytes: number): Buffer {
  const plain = Buffer.alloc(MEGABYTE);
  const piece = deflateRawSync(plain, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  let sum = 0;
  for (let i = 0; i < megabytes; i++) sum = crc32(plain, sum);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(sum, 0);
  tail.writeUInt32LE((megabytes * MEGABYTE) % 2 ** 32, 4);
  const pieces = Array.from({ length: megabytes }, () => piece);
  return Buffer.concat([GZIP_HEAD, ...pieces, deflateRawSync(''), tail]);
}

function broken(exchange: ServerExchange): void {
  const body = gzipSync(TEXT);
  body.fill(0xff, body.length >> 1, (body.length >> 1) + 20);
  exchange.reply(200, FIELDS, body);
}

function cut(exchange: ServerExchange): void {
  const body = gzipSync(TEXT);
  exchange.reply(200, FIELDS, body.subarray(0, body.length >> 1));
}

function wrongChecksum(exchange: ServerExchange): void {
  const body = gzipSync(TEXT);
  body.writeUInt32LE(~body.readUInt32LE(body.length - 8) >>> 0, body.length - 8);
  exchange.reply(200, FIELDS, body);
}

function notGzip(exchange: ServerExchange): void {
  exchange.reply(200, FIELDS, TEXT);
}
