import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { readBody } from './body.ts';
import type { ServerConnection } from './connection.ts';
import type { Fields, ServerExchange } from './exchange.ts';
import { HANDED_OVER_AT_ONCE } from './limits.ts';
import type { InFlight, Meter } from './meter.ts';
import { isCounted } from './stats.ts';
import { nowhere } from './writing.ts';

/** Node's 10 MB are full of a few answers that a slow client does not read: it would refuse further streams. */
const SESSION_MEMORY_MB = 1024;

/** Speaks HTTP/2 on a connection whose client chose it; allows `maxStreams` requests at once. */
export function http2(
  connection: ServerConnection,
  meter: Meter,
  maxStreams: number,
  answer: (exchange: ServerExchange) => void,
): void {
  const session = performServerHandshake(connection.socket, {
    settings: { maxConcurrentStreams: maxStreams },
    maxSessionMemory: SESSION_MEMORY_MB,
  });
  // What a client did wrong ends its session or stream, and is the client's to report.
  session.on('error', () => session.destroy());
  session.on('stream', (stream, _headers, _flags, rawHeaders) => {
    stream.on('error', () => stream.destroy());
    answer(new Http2Exchange(stream, rawHeaders, connection, meter));
  });
}

class Http2Exchange implements ServerExchange {
  readonly protocol = 'h2';
  readonly scheme = 'https';
  readonly method: string = 'GET';
  readonly path: string;
  readonly query: string;
  readonly host: string = '';
  readonly fields: Fields;
  readonly stream: ServerHttp2Stream;
  readonly #connection: ServerConnection;
  readonly #meter: Meter;
  readonly #inFlight: InFlight | undefined;

  constructor(stream: ServerHttp2Stream, rawHeaders: string[], connection: ServerConnection, meter: Meter) {
    this.stream = stream;
    this.#connection = connection;
    this.#meter = meter;
    let target = '/';
    let regular = 0;
    // Pseudo-fields come before all others (RFC 9113 §8.3).
    for (; rawHeaders[regular]?.startsWith(':'); regular += 2) {
      const value = rawHeaders[regular + 1] ?? '';
      if (rawHeaders[regular] === ':path') target = value;
      else if (rawHeaders[regular] === ':method') this.method = value;
      else if (rawHeaders[regular] === ':authority') this.host = value;
    }
    this.fields = rawHeaders.slice(regular);
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    if (!isCounted(this.path)) return;
    const inFlight = meter.began(this.path, this.protocol, connection.remotePort);
    this.#inFlight = inFlight;
    stream.on('close', () => meter.ended(inFlight));
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get socket(): Socket {
    return this.#connection.socket;
  }

  get hasBody(): boolean {
    return !this.stream.endAfterHeaders;
  }

  header(name: string): string | undefined {
    let value: string | undefined;
    for (let i = 0; i < this.fields.length; i += 2) {
      if (this.fields[i] !== name) continue;
      value = value === undefined ? this.fields[i + 1] : `${value}, ${this.fields[i + 1]}`;
    }
    return value;
  }

  body(): Promise<Buffer> {
    return readBody(this.stream);
  }

  reply(status: number, fields: Fields, body: string | Buffer): void {
    const { stream } = this;
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    if (stream.destroyed || stream.closed) return;
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const hasBody = status !== 204 && status !== 304;
    const head = headOf(status, fields);
    if (hasBody) head['content-length'] = length;
    const bodyFollows = hasBody && length > 0 && this.method !== 'HEAD';
    stream.respond(head, { endStream: !bodyFollows });
    if (bodyFollows) stream.end(body);
    if (this.#inFlight && length <= HANDED_OVER_AT_ONCE) this.#meter.ended(this.#inFlight);
  }

  open(status: number, fields: Fields): Writable {
    const headOnly = this.method === 'HEAD';
    const { stream } = this;
    if (stream.destroyed || stream.closed) return nowhere();
    stream.respond(headOf(status, fields), { endStream: headOnly });
    return headOnly ? nowhere() : stream;
  }

  resetConnection(): void {
    this.#connection.reset();
  }
}

function headOf(status: number, fields: Fields): Record<string, string | number | string[]> {
  // A client may ask for a field called __proto__ (/response-headers).
  const head: Record<string, string | number | string[]> = Object.create(null);
  head[':status'] = status;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!.toLowerCase();
    const before = head[name];
    const value = fields[i + 1]!;
    head[name] = before === undefined ? value : [...[before].flat().map(String), value];
  }
  return head;
}
