import { promisify } from 'node:util';
import { FetchError } from '../errors.ts';
import { tooLarge } from './body.ts';

/** Bodies up to this are decoded at once: a trip to the thread pool and back costs more. */
const AT_ONCE = 16 * 1024;
/** Small as they are, they may swell; past this much the loop would stand still for others. */
const SWELLS_TO = 1024 * 1024;

type Options = { maxOutputLength: number };

/** A coding's two ways: at once, and on a thread. */
type Coding = readonly [(body: Buffer, o: Options) => Buffer, (body: Buffer, o: Options) => Promise<Buffer>];

let codings: Readonly<Record<string, Coding>> | undefined;

/** Made when the first encoded body comes: zlib costs a tenth of a start-up. */
function makeCodings(): Readonly<Record<string, Coding>> {
  const zlib = process.getBuiltinModule('node:zlib');
  const gzip: Coding = [zlib.gunzipSync, promisify<Buffer, Options, Buffer>(zlib.gunzip)];
  return {
    gzip,
    'x-gzip': gzip,
    br: [zlib.brotliDecompressSync, promisify<Buffer, Options, Buffer>(zlib.brotliDecompress)],
    zstd: [zlib.zstdDecompressSync, promisify<Buffer, Options, Buffer>(zlib.zstdDecompress)],
    // zlib's format, not raw deflate (RFC 9110 §8.4.1.2).
    deflate: [zlib.inflateSync, promisify<Buffer, Options, Buffer>(zlib.inflate)],
  };
}

/**
 * The body as it was before its content-encoding. An unknown coding is left as it is: nobody can say better.
 * @throws (or rejects with) FetchError 'bad-body' or 'body-too-large'.
 */
export function decode(body: Buffer, encoding: string, maxBody: number): Buffer | Promise<Buffer> {
  if (body.length === 0) return body;
  codings ??= makeCodings();
  const coding = codings[encoding.trim().toLowerCase()];
  if (coding === undefined)
    return encoding.includes(',') ? decodeAll(body, encoding.split(','), maxBody) : body;
  const [now, onThread] = coding;
  if (body.length <= AT_ONCE) {
    try {
      return now(body, { maxOutputLength: Math.min(maxBody, SWELLS_TO) });
    } catch (error) {
      if (!isTooLong(error) || maxBody <= SWELLS_TO) throw decodeError(error, encoding, maxBody);
    }
  }
  return onThread(body, { maxOutputLength: maxBody }).catch((error) => {
    throw decodeError(error, encoding, maxBody);
  });
}

async function decodeAll(body: Buffer, encodings: readonly string[], maxBody: number): Promise<Buffer> {
  let decoded = body;
  for (const encoding of encodings.toReversed()) decoded = await decode(decoded, encoding, maxBody);
  return decoded;
}

function isTooLong(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}

function decodeError(error: unknown, encoding: string, maxBody: number): FetchError {
  if (isTooLong(error)) return tooLarge(maxBody);
  return new FetchError(
    'bad-body',
    `the body is not the ${encoding} it says it is: ${(error as Error).message}`,
    error,
  );
}
