import { Body, type BodyMemory } from '../bodies/body.ts';
import { FetchError } from '../errors.ts';
import { headTooLong, MAX_HEAD } from '../head.ts';
import { type Http1Head, isFieldLine, parseHead } from './head.ts';

/** Interim answers (1xx) before the real one; an endless row of them is an attack. */
const MAX_INTERIM = 32;
const MAX_CHUNK_LINE = 4096;

const HEAD = 0;
const LENGTH = 1;
const UNTIL_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_DATA = 4;
const CHUNK_END = 5;
const TRAILERS = 6;
const DONE = 7;

const CR = 13;
const LF = 10;
const EMPTY = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
const START = Buffer.from('HTTP/1.');

/**
 * The last head of an origin with its bytes. Servers answer alike request after request; the same bytes need
 * no second reading. One for all the connections of an origin.
 */
export interface LastHead {
  bytes: Buffer;
  head: Http1Head | null;
}

/** A memory for heads, empty. */
export function lastHead(): LastHead {
  return { bytes: EMPTY, head: null };
}

/**
 * Reads HTTP/1.1 answers to GET (RFC 9112) off one connection, from chunks cut anywhere. One answer at a time:
 * `begin()`, then `push()` until it says true, or `end()` when the connection ended; then `head` and `body`.
 */
export class ResponseReader {
  head: Http1Head | null = null;
  body: Body;
  /** Bytes of body taken off the wire, chunk headers not counted. */
  wireBytes = 0;
  /** More bytes came than the answer has: they can't be assigned to a request, so the connection must not be reused. */
  excess = false;
  #state = DONE;
  #held: Buffer = EMPTY;
  #left = 0;
  #interim = 0;
  readonly #last: LastHead;
  readonly #memory: BodyMemory;

  constructor(last: LastHead, memory: BodyMemory) {
    this.#last = last;
    this.#memory = memory;
    this.body = new Body(memory);
  }

  /** An answer is expected from here on. */
  begin(): void {
    this.head = null;
    this.body = new Body(this.#memory);
    this.wireBytes = 0;
    this.excess = false;
    this.#state = HEAD;
    this.#held = EMPTY;
    this.#interim = 0;
  }

  /**
   * Takes the next bytes; they may be overwritten after the call. true when the answer is whole.
   * @throws FetchError 'bad-header', 'bad-body' or 'body-too-large'.
   */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && this.#state !== DONE) at = this.#step(chunk, at);
    this.excess = at < chunk.length;
    return this.#state === DONE;
  }

  /** The connection ended. true when that ends the answer well. @throws FetchError 'reset' or 'body-truncated'. */
  end(): boolean {
    if (this.#state === DONE || this.#state === UNTIL_CLOSE) {
      this.#state = DONE;
      return true;
    }
    if (this.#state === HEAD)
      throw new FetchError(
        'reset',
        this.#held.length > 0
          ? 'the server closed the connection within the head of its answer'
          : 'the server closed the connection without an answer',
      );
    throw new FetchError(
      'body-truncated',
      this.#state === LENGTH
        ? `the body ended ${this.#left} bytes short of its content-length`
        : 'the body ended before its last chunk',
    );
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#readHead(chunk, at);
      case LENGTH:
      case CHUNK_DATA:
        return this.#readCounted(chunk, at);
      case UNTIL_CLOSE:
        this.#take(chunk, at, chunk.length);
        return chunk.length;
      case CHUNK_END:
        return this.#readChunkEnd(chunk, at);
      default:
        return this.#readLine(chunk, at);
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    const known = this.#last;
    const knownLength = known.bytes.length;
    if (
      this.#held.length === 0 &&
      known.head !== null &&
      chunk.length - at >= knownLength &&
      chunk.compare(known.bytes, 0, knownLength, at, at + knownLength) === 0
    ) {
      this.#startBody(known.head);
      return at + knownLength;
    }
    const before = this.#held.length;
    const bytes = before === 0 ? chunk.subarray(at) : Buffer.concat([this.#held, chunk.subarray(at)]);
    if (before < START.length) refuseForeign(bytes);
    const end = bytes.indexOf(HEAD_END, Math.max(0, before - 3));
    if (end < 0 ? bytes.length > MAX_HEAD : end > MAX_HEAD) throw headTooLong();
    if (end < 0) {
      this.#held = before === 0 ? Buffer.from(bytes) : bytes;
      return chunk.length;
    }
    this.#held = EMPTY;
    const head = parseHead(bytes.toString('latin1', 0, end));
    if (head.status < 200) {
      this.#skipInterim(head.status);
    } else {
      known.bytes = Buffer.from(bytes.subarray(0, end + 4));
      known.head = head;
      this.#startBody(head);
    }
    return at + end + 4 - before;
  }

  #skipInterim(status: number): void {
    if (status === 101)
      throw new FetchError('bad-header', 'the server switched protocols (101) without a request to do so');
    if (++this.#interim > MAX_INTERIM)
      throw new FetchError('bad-header', `more than ${MAX_INTERIM} interim answers (1xx) to one request`);
  }

  #startBody(head: Http1Head): void {
    this.head = head;
    const framing = head.framing;
    if (typeof framing === 'number') {
      this.#left = framing;
      this.#state = framing === 0 ? DONE : LENGTH;
      this.body.expect(framing);
    } else {
      this.#state = framing === 'chunked' ? CHUNK_SIZE : UNTIL_CLOSE;
    }
  }

  #take(chunk: Buffer, from: number, to: number): void {
    this.wireBytes += to - from;
    this.body.add(chunk, from, to);
  }

  #readCounted(chunk: Buffer, at: number): number {
    const to = Math.min(chunk.length, at + this.#left);
    this.#take(chunk, at, to);
    this.#left -= to - at;
    if (this.#left === 0) this.#state = this.#state === LENGTH ? DONE : CHUNK_END;
    return to;
  }

  #readChunkEnd(chunk: Buffer, at: number): number {
    const expected = this.#left === 0 ? CR : LF;
    if (chunk[at] !== expected) throw badChunk('a chunk is longer than its size says');
    if (expected === CR) {
      this.#left = -1;
    } else {
      this.#left = 0;
      this.#state = CHUNK_SIZE;
    }
    return at + 1;
  }

  /** A line of the chunked coding: a size, or a trailer field. */
  #readLine(chunk: Buffer, at: number): number {
    const lf = chunk.indexOf(LF, at);
    const to = lf < 0 ? chunk.length : lf + 1;
    const part = chunk.subarray(at, to);
    const line = this.#held.length === 0 ? part : Buffer.concat([this.#held, part]);
    if (line.length > (this.#state === TRAILERS ? MAX_HEAD : MAX_CHUNK_LINE))
      throw badChunk('a line of the chunked coding is too long');
    if (lf < 0) {
      this.#held = line === part ? Buffer.from(part) : line;
      return to;
    }
    this.#held = EMPTY;
    const text = line.toString('latin1', 0, line.length - 2);
    if (line.length < 2 || line[line.length - 2] !== CR || text.includes('\r'))
      throw badChunk('a line of the chunked coding does not end in CR LF');
    if (this.#state === CHUNK_SIZE) this.#startChunk(text);
    else this.#readTrailer(text);
    return to;
  }

  #startChunk(line: string): void {
    // Some servers pad a size with spaces. RFC 9112 §7.1 has none there, but curl takes them, and they hide nothing.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: extensions may hold no control characters
    const size = /^(0*[0-9A-Fa-f]{1,13})[\t ]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?$/.exec(line)?.[1];
    if (size === undefined) throw badChunk(`a chunk's size is ${JSON.stringify(line.slice(0, 40))}`);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? TRAILERS : CHUNK_DATA;
    // Trailer bytes are counted from here on, as lines of their own may be many.
    if (this.#left === 0) this.#interim = 0;
  }

  #readTrailer(line: string): void {
    if (line === '') {
      this.#state = DONE;
      return;
    }
    // A line that continues the one before (RFC 9112 §5.2).
    const isFold = this.#interim > 0 && /^[\t ]/.test(line);
    this.#interim += line.length;
    if (this.#interim > MAX_HEAD) throw badChunk('the trailer is too long');
    if (!isFieldLine(isFold ? `x:${line}` : line))
      throw badChunk(`a trailer line is ${JSON.stringify(line.slice(0, 40))}`);
  }
}

/** What does not begin as HTTP/1 is refused at its first bytes: the rest may never come. */
function refuseForeign(bytes: Buffer): void {
  const length = Math.min(bytes.length, START.length);
  if (bytes.compare(START, 0, length, 0, length) === 0) return;
  throw new FetchError(
    'bad-header',
    `the answer is not HTTP/1.1: it begins with ${JSON.stringify(bytes.toString('latin1', 0, 24))}; is this the right port?`,
  );
}

function badChunk(what: string): FetchError {
  return new FetchError('bad-body', `the body's chunked coding is broken (RFC 9112 §7.1): ${what}`);
}
