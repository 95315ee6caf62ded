import type { Payload } from './payload.ts';

/**
 * The bytes of a body; `chunked`; `open` (until the end of the connection); `unseen` (its end was not printed). The
 * next head also ends the last two.
 */
export type Body = number | 'chunked' | 'open' | 'unseen';

/** Hears of the messages of one direction. */
export interface Handler {
  head(text: string, beganUs: number): Body;
  bytes(count: number): void;
  /** `hasFollower`: the next message has begun. */
  end(hasFollower: boolean): void;
  isHead(payload: Payload): boolean;
}

const MAX_HEAD = 65_536;
const END_OF_HEAD = /\n\r?\n/;

/** Cuts one direction into heads and bodies, also where strace did not print all bytes. */
export class MessageReader {
  #head = '';
  #headUs = 0;
  #body: Body | null = null;
  /** Chunked: 'size' reads a chunk's size line, 'trailer' the lines after the last one. */
  #chunk: 'size' | 'data' | 'trailer' = 'size';
  #line = '';

  /** At the moment it is not seen where messages begin and end. */
  get isHidden(): boolean {
    return this.#body === 'unseen';
  }

  /** Ends a message that only the next one, or the end of the connection, would end. */
  finishOpenEnded(handler: Handler): void {
    if (this.#body !== 'open' && this.#body !== 'unseen') return;
    this.#reset();
    handler.end(false);
  }

  read(payload: Payload, atUs: number, handler: Handler): void {
    let at = 0;
    // A piece of a body may look like a head: that counts only where the body's end is not known.
    if ((this.#body === 'open' || this.#body === 'unseen') && handler.isHead(payload)) {
      handler.end(true);
      this.#reset();
    }
    while (at < payload.length) {
      if (this.#body === null) {
        if (this.#head === '') this.#headUs = atUs;
        at = this.#readHead(payload, at, handler);
      } else if (this.#body === 'open' || this.#body === 'unseen') {
        handler.bytes(payload.length - at);
        return;
      } else if (this.#body === 'chunked') at = this.#readChunked(payload, at, handler);
      else at = this.#readBody(payload, at, handler);
    }
  }

  #reset(): void {
    this.#head = '';
    this.#body = null;
  }

  #readHead(payload: Payload, from: number, handler: Handler): number {
    if (this.#head === '' && payload.at(from) < 0) {
      this.#body = 'unseen';
      return from;
    }
    const before = this.#head.length;
    const seen = payload.slice(from, Math.min(payload.length, from + MAX_HEAD));
    this.#head += seen;
    const end = END_OF_HEAD.exec(this.#head);
    if (end !== null) {
      const head = this.#head.slice(0, end.index + end[0].length);
      this.#begin(handler.head(head, this.#headUs));
      handler.bytes(head.length);
      if (this.#body === 0) this.#finish(handler);
      return from + head.length - before;
    }
    if (seen.length < payload.length - from || this.#head.length > MAX_HEAD) {
      handler.head(this.#head, this.#headUs);
      this.#begin('unseen');
      handler.bytes(payload.length - from);
    }
    return payload.length;
  }

  #begin(body: Body): void {
    this.#head = '';
    this.#body = body;
    this.#chunk = 'size';
    this.#line = '';
  }

  #finish(handler: Handler): void {
    this.#reset();
    handler.end(false);
  }

  #readBody(payload: Payload, at: number, handler: Handler): number {
    const left = this.#body as number;
    const taken = Math.min(left, payload.length - at);
    handler.bytes(taken);
    this.#body = left - taken;
    if (this.#body === 0) this.#finish(handler);
    return at + taken;
  }

  /** RFC 9112 §7.1. `#left` bytes of a chunk include its CRLF. */
  #left = 0;

  #readChunked(payload: Payload, from: number, handler: Handler): number {
    let at = from;
    while (at < payload.length) {
      if (this.#chunk === 'data') {
        const taken = Math.min(this.#left, payload.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#chunk = 'size';
        continue;
      }
      const byte = payload.at(at);
      if (byte < 0) {
        handler.bytes(at - from);
        this.#body = 'unseen';
        return at;
      }
      at++;
      this.#line += String.fromCharCode(byte);
      if (byte === 10 && this.#endOfLine()) {
        handler.bytes(at - from);
        this.#finish(handler);
        return at;
      }
    }
    handler.bytes((at < payload.length ? payload.length : at) - from);
    return payload.length;
  }

  /** Whether the body ends with this line. */
  #endOfLine(): boolean {
    const line = this.#line.trim();
    this.#line = '';
    if (this.#chunk === 'trailer') return line === '';
    const size = Number.parseInt(line, 16);
    if (size > 0) {
      this.#left = size + 2;
      this.#chunk = 'data';
    } else if (size === 0) {
      this.#chunk = 'trailer';
    }
    return false;
  }
}
