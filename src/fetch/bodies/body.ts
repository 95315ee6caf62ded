import { FetchError } from '../errors.ts';
import type { BodyRoom } from './body-room.ts';

/** A declared length is believed up to here; what is longer grows as it comes. */
const BELIEVED = 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** Bytes of one body, gathered with one copy each. */
export class Body {
  length = 0;
  #bytes: Buffer = EMPTY;
  readonly #room: BodyRoom;

  constructor(room: BodyRoom) {
    this.#room = room;
  }

  /** Makes room for a declared length. @throws FetchError 'body-too-large'. */
  expect(length: number): void {
    if (length > this.#room.max) throw tooLarge(this.#room.max);
    // node:http2 tells of DATA before HEADERS when both come in one read: what is here already stays.
    if (length > this.#bytes.length) this.#grow(Math.min(length, BELIEVED));
  }

  /** Copies chunk[from, to). @throws FetchError 'body-too-large'. */
  add(chunk: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.#bytes.length) this.#grow(length);
    chunk.copy(this.#bytes, this.length, from, to);
    this.length = length;
  }

  /** All of it. */
  bytes(): Buffer {
    return this.length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.length);
  }

  #grow(length: number): void {
    if (length > this.#room.max) throw tooLarge(this.#room.max);
    const before = this.#bytes;
    this.#bytes = this.#room.take(Math.max(length, 2 * before.length));
    before.copy(this.#bytes, 0, 0, this.length);
    this.#room.give(before);
  }
}

/** The error of a body over the limit. */
export function tooLarge(maxBody: number): FetchError {
  return new FetchError(
    'body-too-large',
    `the body is larger than ${maxBody} bytes; raise --max-body (maxBody) if it should be taken`,
  );
}
