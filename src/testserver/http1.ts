import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { readBody } from './body.ts';
import type { Exchange, Fields } from './exchange.ts';
import { HANDED_OVER_AT_ONCE, NOT_COUNTED } from './limits.ts';
import type { InFlight, Meter } from './meter.ts';

/** Reads HTTP/1.1 from the connections it is given by `emit('connection', socket)`; it listens nowhere. */
export function http1(meter: Meter, scheme: 'http' | 'https', answer: (exchange: Exchange) => void): Server {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  server.on('request', (request, response) => answer(new Http1Exchange(request, response, scheme, meter)));
  return server;
}

class Http1Exchange implements Exchange {
  readonly protocol = 'http/1.1';
  readonly stream = undefined;
  readonly scheme: 'http' | 'https';
  readonly path: string;
  readonly query: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #meter: Meter;
  readonly #inFlight: InFlight | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, scheme: 'http' | 'https', meter: Meter) {
    this.#request = request;
    this.#response = response;
    this.#meter = meter;
    this.scheme = scheme;
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    if (NOT_COUNTED.test(this.path)) return;
    const inFlight = meter.began(this.path, 'http/1.1', request.socket.remotePort ?? 0);
    this.#inFlight = inFlight;
    response.on('close', () => meter.ended(inFlight));
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  get host(): string {
    return this.#request.headers.host ?? '';
  }

  get remoteAddress(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get fields(): Fields {
    return this.#request.rawHeaders;
  }

  get socket(): Socket {
    return this.#request.socket;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  body(): Promise<Buffer> {
    return readBody(this.#request);
  }

  reply(status: number, fields: Fields, body: string | Buffer): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const hasBody = status >= 200 && status !== 204 && status !== 304;
    const all = hasBody ? [...fields, 'Content-Length', String(length)] : [...fields];
    this.#response.writeHead(status, all);
    this.#response.end(body);
    if (this.#inFlight && length <= HANDED_OVER_AT_ONCE) this.#meter.ended(this.#inFlight);
  }

  open(status: number, fields: Fields): Writable {
    this.#response.writeHead(status, [...fields]);
    this.#response.flushHeaders();
    return this.#response;
  }

  onClosed(listener: () => void): void {
    this.#response.on('close', listener);
  }
}
