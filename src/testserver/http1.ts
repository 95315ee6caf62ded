import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { readBody } from './body.ts';
import type { ServerConnection } from './connection.ts';
import type { Fields, ServerExchange } from './exchange.ts';
import { HANDED_OVER_AT_ONCE } from './limits.ts';
import type { InFlight, Meter } from './meter.ts';
import { isCounted } from './stats.ts';
import { nowhere } from './writing.ts';

/** Reads HTTP/1.1 from the connections that the function it returns is given. */
export function http1(
  meter: Meter,
  answer: (exchange: ServerExchange) => void,
): (connection: ServerConnection) => void {
  // No connection is closed for being idle: a client that uses it again must not lose that race.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  const connections = new WeakMap<Socket, ServerConnection>();
  server.on('request', (request, response) => {
    answer(new Http1Exchange(request, response, connections.get(request.socket)!, meter));
  });
  return (connection) => {
    connections.set(connection.socket, connection);
    server.emit('connection', connection.socket);
  };
}

/** Up to this length head and body go into one write, and so into one TLS record. */
const ONE_WRITE = 4096;

class Http1Exchange implements ServerExchange {
  readonly protocol = 'http/1.1';
  readonly stream = undefined;
  readonly path: string;
  readonly query: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: ServerConnection;
  readonly #meter: Meter;
  readonly #inFlight: InFlight | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: ServerConnection,
    meter: Meter,
  ) {
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    this.#meter = meter;
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    if (!isCounted(this.path)) return;
    const inFlight = meter.began(this.path, this.protocol, connection.remotePort);
    this.#inFlight = inFlight;
    response.on('close', () => meter.ended(inFlight));
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  get scheme(): 'http' | 'https' {
    return this.#connection.scheme;
  }

  get host(): string {
    return this.#request.headers.host ?? '';
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get fields(): Fields {
    return this.#request.rawHeaders;
  }

  get socket(): Socket {
    return this.#connection.socket;
  }

  get hasBody(): boolean {
    const { headers } = this.#request;
    return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  body(): Promise<Buffer> {
    return readBody(this.#request);
  }

  reply(status: number, fields: Fields, body: string | Buffer): void {
    if (this.#response.headersSent) {
      this.socket.destroy();
      return;
    }
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const hasBody = status !== 204 && status !== 304;
    this.#response.writeHead(status, hasBody ? [...fields, 'Content-Length', String(length)] : [...fields]);
    // Head and body both as Latin-1 text are joined by node:http; bytes would be a second write.
    if (typeof body !== 'string' && length <= ONE_WRITE)
      this.#response.end(body.toString('latin1'), 'latin1');
    else this.#response.end(body);
    if (this.#inFlight && length <= HANDED_OVER_AT_ONCE) this.#meter.ended(this.#inFlight);
  }

  open(status: number, fields: Fields): Writable {
    this.#response.writeHead(status, [...fields]);
    if (this.method === 'HEAD') {
      this.#response.end();
      return nowhere();
    }
    this.#response.flushHeaders();
    return this.#response;
  }

  resetConnection(): void {
    this.#connection.reset();
  }
}
