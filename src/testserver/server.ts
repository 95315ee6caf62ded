import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { replyJson } from './answers.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import type { Exchange, Route } from './exchange.ts';
import { http1 } from './http1.ts';
import { http2 } from './http2.ts';
import { type FullStats, Meter, type Stats } from './meter.ts';
import { answer } from './routes/index.ts';

/** How a test server is started; everything has a default. */
export interface TestServerOptions {
  /** The address to listen on ('127.0.0.1'); '0.0.0.0' answers on all of 127.0.0.0/8, so that 127.0.0.2 is another host. */
  readonly host?: string;
  /** Port for HTTP; 0, the default, takes a free one; false for none. */
  readonly httpPort?: number | false;
  /** Port for HTTPS, HTTP/1.1 and HTTP/2 alike; 0, the default, takes a free one; false for none. */
  readonly httpsPort?: number | false;
  /** Names in the certificate besides localhost, 127.0.0.1 and ::1. */
  readonly names?: readonly string[];
  /** A certificate to use instead of a fresh one. */
  readonly certificate?: Certificate;
  /** Speaks HTTP/2 with clients that can (true). */
  readonly http2?: boolean;
  /** Requests that one HTTP/2 connection may have in flight (250). */
  readonly maxStreams?: number;
}

/** A running test server. */
export interface TestServer {
  readonly httpPort: number | undefined;
  readonly httpsPort: number | undefined;
  /** 'http://127.0.0.1:PORT', without a slash at the end; undefined when there is no HTTP. */
  readonly httpUrl: string | undefined;
  readonly httpsUrl: string | undefined;
  /** What a client has to trust, PEM. */
  readonly ca: string;
  stats(): Stats;
  fullStats(): FullStats;
  resetStats(): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

const ALPN = { h2: 'h2', http1: 'http/1.1' };

/**
 * Starts the test server in this process.
 * @throws the error of listen(2), such as EADDRINUSE with its `port`, when a port can't be had.
 */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { host = '127.0.0.1', httpPort = 0, httpsPort = 0, maxStreams = 250 } = options;
  const certificate = options.certificate ?? (await makeCertificate({ names: options.names ?? [] }));
  const meter = new Meter();
  const own = statsRoutes(meter);
  const take = (exchange: Exchange) => answer(exchange, own);
  const sockets = new Set<Socket>();

  const plainHttp1 = http1(meter, 'http', take);
  const plain = createTcpServer({ noDelay: true }, (socket) => {
    keep(socket, 'http/1.1');
    plainHttp1.emit('connection', socket);
  });

  const secureHttp1 = http1(meter, 'https', take);
  const secure = createTlsServer({
    cert: certificate.cert,
    key: certificate.key,
    ALPNProtocols: options.http2 === false ? [ALPN.http1] : [ALPN.h2, ALPN.http1],
    noDelay: true,
  });
  secure.on('secureConnection', (socket) => {
    const chosen = socket.alpnProtocol === ALPN.h2 ? 'h2' : 'http/1.1';
    keep(socket, chosen);
    if (chosen === 'h2') http2(socket, meter, maxStreams, take);
    else secureHttp1.emit('connection', socket);
  });

  function keep(socket: Socket, protocol: string) {
    sockets.add(socket);
    meter.opened(protocol);
    // A client that resets its connection is no fault of this server.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      meter.closed();
    });
  }

  const httpAt = httpPort === false ? undefined : await listen(plain, host, httpPort);
  const httpsAt = httpsPort === false ? undefined : await listen(secure, host, httpsPort);
  const named = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    httpPort: httpAt,
    httpsPort: httpsAt,
    httpUrl: httpAt === undefined ? undefined : `http://${named}:${httpAt}`,
    httpsUrl: httpsAt === undefined ? undefined : `https://${named}:${httpsAt}`,
    ca: certificate.cert,
    stats: () => meter.stats(),
    fullStats: () => meter.fullStats(),
    resetStats: () => meter.reset(),
    async close() {
      const closing = [plain, secure].filter((server) => server.listening).map(closed);
      for (const socket of sockets) socket.destroy();
      await Promise.all(closing);
    },
  };
}

function statsRoutes(meter: Meter): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    [
      'stats',
      (exchange, [, sub]) => {
        if (sub === 'reset') meter.reset();
        replyJson(exchange, /(^|&)full=1(&|$)/.test(exchange.query) ? meter.fullStats() : meter.stats());
      },
    ],
  ]);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
