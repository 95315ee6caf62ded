import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { asJson, BYTES_TYPE, JSON_TYPE, TEXT_TYPE, typed } from '../answers.ts';
import { BadRequest, type Route, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { echo } from './echo.ts';
import { queryOf, urlSafeBase64 } from './parameters.ts';

/** Answers in an encoding, sent whether or not the client accepts it. go-httpbin has neither brotli nor zstd. */
export const ENCODED: readonly RouteEntry[] = [
  { pattern: '/gzip', about: 'the request, gzip', route: encoded('gzip', 'gzipped', gzipSync) },
  { pattern: '/deflate', about: 'the request, deflate', route: encoded('deflate', 'deflated', deflateSync) },
  { pattern: '/brotli', about: 'the request, br', route: encoded('br', 'brotli', brotliCompressSync) },
  { pattern: '/zstd', about: 'the request, zstd', route: encoded('zstd', 'zstd', zstdCompressSync) },
  { pattern: '/base64/:text', about: 'the text, decoded', route: decode },
  { pattern: '/base64/decode/:text', about: 'likewise', route: decode },
  { pattern: '/base64/encode/:text', about: 'the text, encoded', route: encode },
];

function encoded(coding: string, mark: string, compress: (text: string) => Buffer): Route {
  const fields = typed(JSON_TYPE, 'Content-Encoding', coding);
  return (exchange) => exchange.reply(200, fields, compress(asJson({ ...echo(exchange), [mark]: true })));
}

function decode(exchange: ServerExchange, text: string): void {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(standard, 'base64');
  if (text === '' || bytes.toString('base64') !== standard) {
    throw new BadRequest(`base64 decode failed: ${JSON.stringify(text)} is not base64`);
  }
  exchange.reply(200, typed(typeWanted(exchange)), bytes);
}

function encode(exchange: ServerExchange, text: string): void {
  if (text === '') throw new BadRequest('no input data');
  exchange.reply(200, typed(typeWanted(exchange)), urlSafeBase64(Buffer.from(text)));
}

/** Types that no browser runs; any other would let a link make this server's page say anything. */
const HARMLESS = new Set(['text/plain', 'application/json', BYTES_TYPE]);

function typeWanted(exchange: ServerExchange): string {
  const wanted = queryOf(exchange).get('content-type') || TEXT_TYPE;
  if (HARMLESS.has(wanted.split(';')[0]!.trim().toLowerCase())) return wanted;
  throw new BadRequest(`content-type ${JSON.stringify(wanted)} is none of ${[...HARMLESS].join(', ')}`);
}
