import type { Transform } from 'node:stream';
import { FetchError } from '../errors.ts';

/** One way in which bodies are compressed. */
export interface Coding {
  readonly name: string;
  /** A body may be several frames, one after the other, as zstd has them (RFC 8878 §3.1). gzip reads its own (RFC 1952 §2.2). */
  readonly hasFrames: boolean;
  atOnce(
    bytes: Buffer,
    options: ZlibOptions,
  ): { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  /** Its `bytesWritten` is what it used of its input. */
  stream(options: { readonly chunkSize: number }): Transform & { readonly bytesWritten: number };
}

interface ZlibOptions {
  readonly maxOutputLength: number;
  /** Also needs the engine. */
  readonly info: true;
}

/** More than this in a row is an attack: each layer may swell a thousandfold. curl allows 5. */
const MOST_IN_A_ROW = 5;

let known: ReadonlyMap<string, Coding> | undefined;

/** Made when the first encoded body comes: zlib costs a tenth of a start-up. */
function makeCodings(): ReadonlyMap<string, Coding> {
  const zlib = process.getBuiltinModule('node:zlib');
  const coding = (name: string, hasFrames: boolean, atOnce: unknown, stream: Coding['stream']): Coding => ({
    name,
    hasFrames,
    // The types of Node do not know what `info` gives.
    atOnce: atOnce as Coding['atOnce'],
    stream,
  });
  const gzip = coding('gzip', false, zlib.gunzipSync, zlib.createGunzip);
  return new Map([
    ['gzip', gzip],
    ['x-gzip', gzip],
    ['br', coding('br', false, zlib.brotliDecompressSync, zlib.createBrotliDecompress)],
    ['zstd', coding('zstd', true, zlib.zstdDecompressSync, zlib.createZstdDecompress)],
    // zlib's format, not raw deflate (RFC 9110 §8.4.1.2).
    ['deflate', coding('deflate', false, zlib.inflateSync, zlib.createInflate)],
  ]);
}

/**
 * What a content-encoding field names, in the order in which it is undone: the last one first. None from the first
 * unknown one on. @throws FetchError 'bad-body' for too many.
 */
export function codingsOf(encoding: string): readonly Coding[] {
  known ??= makeCodings();
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > MOST_IN_A_ROW)
    throw new FetchError(
      'bad-body',
      `the body is encoded ${names.length} times; ${MOST_IN_A_ROW} are undone at most`,
    );
  const codings = names.reverse().map((name) => known!.get(name));
  const unknown = codings.indexOf(undefined);
  return (unknown < 0 ? codings : codings.slice(0, unknown)) as Coding[];
}
