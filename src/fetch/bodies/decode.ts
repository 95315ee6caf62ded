import { FetchError } from '../errors.ts';
import { type Body, tooLarge } from './body.ts';
import { type Coding, codingsOf } from './codings.ts';

/** Bodies up to this are decoded at once: a trip to the thread pool and back costs more. */
const AT_ONCE = 16 * 1024;
/** A small body may swell; past this much the loop would stand still for others. */
const SWELLS_TO = 1024 * 1024;
/** What a thread hands over at a time. */
const CHUNK = 64 * 1024;

/**
 * The body as it was before its content-encoding (RFC 9110 §8.4), at once where it is small. It takes the place of the
 * body that is given, which stays the caller's when this fails. A body with an unknown coding stays as it is.
 * @throws (or rejects with) FetchError 'bad-body' or 'body-too-large'.
 */
export function decode(body: Body, encoding: string): Body | Promise<Body> {
  const codings = body.length === 0 ? [] : codingsOf(encoding);
  if (codings.length === 0) return body;
  if (codings.length === 1 && body.length <= AT_ONCE) {
    const decoded = decodeAtOnce(body, codings[0]!);
    if (decoded !== null) return decoded;
  }
  return decodeAside(body, codings);
}

/** null when it swells too much for the loop. */
function decodeAtOnce(body: Body, coding: Coding): Body | null {
  const decoded = body.successor();
  const { maxBody } = body.memory;
  try {
    for (const part of partsAtOnce(body.bytes(), coding, Math.min(maxBody, SWELLS_TO)))
      decoded.add(part, 0, part.length);
    return body.replacedBy(decoded);
  } catch (error) {
    decoded.release();
    if (isTooLong(error) && maxBody > SWELLS_TO) return null;
    throw isTooLong(error) ? tooLarge(maxBody) : asFetchError(error, coding);
  }
}

function* partsAtOnce(bytes: Buffer, coding: Coding, maxOutputLength: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const { buffer, engine } = coding.atOnce(bytes.subarray(at), { maxOutputLength, info: true });
    yield buffer;
    at += engine.bytesWritten;
    refuseRest(bytes, at, coding);
  }
}

async function decodeAside(body: Body, codings: readonly Coding[]): Promise<Body> {
  let decoded = body;
  for (const coding of codings) {
    const next = decoded.successor();
    try {
      await decodeInto(next, decoded.bytes(), coding);
    } catch (error) {
      next.release();
      if (decoded !== body) decoded.release();
      throw asFetchError(error, coding);
    }
    decoded = decoded.replacedBy(next);
  }
  return decoded;
}

/** Decodes on the thread pool, piece by piece: at most one piece exceeds the budget of all bodies. */
async function decodeInto(decoded: Body, bytes: Buffer, coding: Coding): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const stream = coding.stream({ chunkSize: CHUNK });
    stream.end(bytes.subarray(at));
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      decoded.add(chunk, 0, chunk.length);
      await room(decoded);
    }
    at += stream.bytesWritten;
    refuseRest(bytes, at, coding);
  }
}

function room(body: Body): Promise<void> | undefined {
  const { promise, resolve } = Promise.withResolvers<void>();
  return body.mustWait(resolve) ? promise : undefined;
}

/** @throws Error where something follows the end that the coding does not allow. */
function refuseRest(bytes: Buffer, at: number, coding: Coding): void {
  if (at < bytes.length && !coding.hasFrames) throw new Error(`${bytes.length - at} bytes follow its end`);
}

function isTooLong(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}

function asFetchError(error: unknown, coding: Coding): FetchError {
  if (error instanceof FetchError) return error;
  const why = (error as Error).message;
  return new FetchError('bad-body', `the body is not the ${coding.name} it says it is: ${why}`, error);
}
