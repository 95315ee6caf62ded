import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TestServer } from '../../src/testserver/index.ts';

/** What one connection brought, byte for byte, and how it ended. */
export interface Received {
  readonly text: string;
  readonly end: 'closed' | 'reset' | 'still open';
}

/** GETs a path over HTTP/1.1 with nothing between the test and the bytes; gives up after waitMs or at enough bytes. */
export function rawGet(
  server: TestServer,
  path: string,
  { tls = false, waitMs = 3000, enough = Number.POSITIVE_INFINITY, method = 'GET' } = {},
): Promise<Received> {
  return new Promise((resolve) => {
    const socket = open(server, tls);
    const chunks: Buffer[] = [];
    let length = 0;
    let end: Received['end'] = 'closed';
    const timer = setTimeout(giveUp, waitMs);
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= enough) giveUp();
    });
    socket.on('error', () => {
      end = 'reset';
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ text: Buffer.concat(chunks).toString('latin1'), end });
    });
    function giveUp() {
      end = 'still open';
      socket.destroy();
    }
  });
}

function open(server: TestServer, tls: boolean): Socket {
  if (!tls) return connectTcp({ port: server.httpPort!, host: '127.0.0.1' });
  return connectTls({
    port: server.httpsPort!,
    host: '127.0.0.1',
    ca: server.ca,
    ALPNProtocols: ['http/1.1'],
  });
}

/** What one HTTP/2 stream brought, and the code it ended with (RFC 9113 §7). */
export interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly informational: readonly number[];
  readonly body: Buffer;
  readonly code: number;
}

/** An HTTP/2 connection to the server. */
export function session(server: TestServer): ClientHttp2Session {
  const made = connectHttp2(server.httpsUrl!, { ca: server.ca });
  made.on('error', () => {});
  return made;
}

/** GETs a path on an HTTP/2 connection. */
export function streamGet(
  from: ClientHttp2Session,
  path: string,
  enough = Number.POSITIVE_INFINITY,
): Promise<Answered> {
  return new Promise((resolve) => {
    const stream = from.request({ ':path': path });
    const chunks: Buffer[] = [];
    const informational: number[] = [];
    let length = 0;
    let headers: IncomingHttpHeaders = {};
    stream.on('headers', (early) => informational.push(Number(early[':status'])));
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= enough) stream.close();
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      const status = headers[':status'] as number | undefined;
      resolve({ status, headers, informational, body: Buffer.concat(chunks), code: stream.rstCode ?? 0 });
    });
  });
}
