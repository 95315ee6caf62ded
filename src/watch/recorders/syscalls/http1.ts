import type { Conversation, Listener, RequestHead } from './conversation.ts';
import type { Payload } from './payload.ts';

/** HTTP/1.1 in the clear (RFC 9112), pipelined or not: where requests and answers begin and end. */
export class Http1 implements Conversation {
  readonly #listener: Listener;
  readonly #up = new MessageReader();
  readonly #down = new MessageReader();
  /** Methods of the requests that are not answered, oldest first. */
  readonly #open: { method: string; target: string }[] = [];
  #switched = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  up(payload: Payload, atUs: number): void {
    if (this.#switched) return;
    this.#up.read(payload, atUs, {
      head: (text, beganUs) => {
        const head = requestHead(text);
        if (head === null) return 'unknown';
        this.#open.push(head);
        this.#listener.request(beganUs, 0, head);
        return requestBody(text);
      },
      bytes: (count) => this.#listener.request(atUs, count),
      end: () => {},
      isHead: startsRequest,
    });
  }

  down(payload: Payload, atUs: number): void {
    if (this.#switched) return;
    let status = 0;
    let interim = false;
    this.#down.read(payload, atUs, {
      head: (text, beganUs) => {
        status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
        interim = status >= 100 && status < 200 && status !== 101;
        const request = this.#open[0];
        if (!interim) this.#listener.answer(beganUs, 0, false, status);
        if (status === 101 || (request?.method === 'CONNECT' && status >= 200 && status < 300)) {
          this.#switched = true;
          if (request?.method === 'CONNECT') this.#listener.tunnelled(request.target);
          else this.#listener.answered(atUs);
        }
        return interim ? 0 : answerBody(text, status, request?.method ?? 'GET');
      },
      bytes: (count) => {
        if (!interim) this.#listener.answer(atUs, count, false);
      },
      end: () => {
        if (interim) {
          interim = false;
          return;
        }
        this.#open.shift();
        this.#listener.answered(atUs);
      },
      isHead: (bytes) => bytes.slice(0, 7) === 'HTTP/1.',
    });
  }

  closed(): void {}
}

/** Bytes that follow a head; `chunked`, `unknown` (until the next head, or the end of the connection). */
type Body = number | 'chunked' | 'unknown';

interface Handler {
  head(text: string, beganUs: number): Body;
  bytes(count: number): void;
  end(): void;
  isHead(payload: Payload): boolean;
}

const MAX_HEAD = 65_536;
const END_OF_HEAD = /\n\r?\n/;

/** Cuts one direction into heads and bodies. What strace did not print is passed over as well as can be. */
class MessageReader {
  #head = '';
  #headUs = 0;
  #body: Body | null = null;
  /** Chunked: 'size' reads a chunk's size line, 'trailer' the lines after the last one. */
  #chunk: 'size' | 'data' | 'trailer' = 'size';
  #line = '';

  read(payload: Payload, atUs: number, handler: Handler): void {
    let at = 0;
    if (this.#body === 'unknown' && handler.isHead(payload)) {
      handler.end();
      this.#reset();
    }
    while (at < payload.length) {
      if (this.#body === null) {
        if (this.#head === '') this.#headUs = atUs;
        at = this.#readHead(payload, at, handler);
      } else if (this.#body === 'unknown') {
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
      handler.bytes(payload.length - from);
      this.#begin('unknown');
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
    handler.end();
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
        this.#body = 'unknown';
        break;
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

const REQUEST = /^([A-Z-]{3,16}) (\S+) HTTP\/1\.[01]\r?\n/;

/** Whether bytes begin a request of HTTP/1. */
export function startsRequest(payload: Payload): boolean {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|REPORT|SEARCH|QUERY) /.test(
    payload.slice(0, 12),
  );
}

function requestHead(text: string): RequestHead | null {
  const line = REQUEST.exec(text) ?? /^([A-Z-]{3,16}) (\S*)/.exec(text);
  if (line === null) return null;
  return { method: line[1]!, target: line[2]!, host: field(text, 'host') };
}

function requestBody(text: string): Body {
  if (/chunked/i.test(field(text, 'transfer-encoding') ?? '')) return 'chunked';
  return Number(field(text, 'content-length') ?? 0) || 0;
}

/** RFC 9112 §6.3. */
function answerBody(text: string, status: number, method: string): Body {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  if (method === 'CONNECT' && status < 300) return 0;
  if (/chunked/i.test(field(text, 'transfer-encoding') ?? '')) return 'chunked';
  const length = field(text, 'content-length');
  return length === null ? 'unknown' : Number(length) || 0;
}

function field(head: string, name: string): string | null {
  const found = new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head);
  return found === null ? null : found[1]!.trim();
}
