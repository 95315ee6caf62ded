import { once } from 'node:events';
import http2, { type SecureServerOptions, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Input, type Options, type Result, type RunSummary, startRun } from '../../src/fetch/index.ts';
import {
  makeCertificate,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../../src/testserver/index.ts';
import type { Connection, ConnectionClosed, Exchange } from '../../src/trace/index.ts';

/** What a run left behind. */
export interface Ran<Data = unknown> {
  /** In the order they came. */
  readonly results: Result<Data>[];
  readonly summary: RunSummary;
  readonly exchanges: Exchange[];
  readonly connections: Connection[];
  readonly closed: ConnectionClosed[];
}

/** GETs everything and keeps all that comes out of it. */
export async function fetchAll<Data = unknown>(
  inputs: Iterable<string | Input<Data>> | AsyncIterable<string | Input<Data>>,
  options: Options<Data> = {},
): Promise<Ran<Data>> {
  const results: Result<Data>[] = [];
  const exchanges: Exchange[] = [];
  const connections: Connection[] = [];
  const closed: ConnectionClosed[] = [];
  const run = startRun<Data>(
    inputs,
    {
      result(result) {
        results.push(result);
      },
      record(record) {
        if (record.kind === 'exchange') exchanges.push(record);
        else if (record.kind === 'connection') connections.push(record);
        else closed.push(record);
      },
    },
    options,
  );
  return { summary: await run.finished, results, exchanges, connections, closed };
}

/** GETs one URL. */
export async function fetchOne(input: string | Input, options: Options = {}): Promise<Result> {
  return (await fetchAll([input], options)).results[0]!;
}

/** A test server of the test's own. */
export async function testServer(t: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  t.after(() => server.close());
  return server;
}

/** A bare TCP server: what it says is up to the test. Gives 'http://127.0.0.1:PORT'. */
export async function bareServer(
  t: TestContext,
  speak: (socket: Socket, ordinal: number) => void,
  port = 0,
): Promise<string> {
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    speak(socket, connections++);
  });
  return `http://127.0.0.1:${await listening(t, server, port)}`;
}

/** A server of HTTP/2 whose streams are the test's. Gives 'https://127.0.0.1:PORT'. */
export async function h2Server(
  t: TestContext,
  speak: (stream: ServerHttp2Stream, ordinal: number) => void,
  options: SecureServerOptions = {},
): Promise<string> {
  let streams = 0;
  const server = http2.createSecureServer({ ...(await makeCertificate()), ...options });
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    speak(stream, streams++);
  });
  return `https://127.0.0.1:${await listening(t, server)}`;
}

/** Listens until the test is over. */
export async function listening(
  t: TestContext,
  server: Server,
  port = 0,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers each request on a connection with the same bytes. */
export function says(answer: string): (socket: Socket) => void {
  return (socket) => socket.on('data', () => socket.write(answer));
}

/** So many times the same. */
export function times<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

/** How many of the results there are of each error code, or status where there is none. */
export function outcomes(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error, status } of results) {
    const key = error === null ? String(status) : error.code;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
