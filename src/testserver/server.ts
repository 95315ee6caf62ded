import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Certificate, makeCertificate } from './certificate.ts';
import { plainConnection, tlsSide } from './connection.ts';
import { faultRoutes } from './faults/index.ts';
import { http1 } from './http1.ts';
import { http2 } from './http2.ts';
import { type FullStats, Meter, type Stats } from './meter.ts';
import { router } from './router.ts';
import { HTTPBIN, listing } from './routes/index.ts';
import { ITEMS } from './routes/items.ts';
import { togetherRoute } from './routes/together.ts';
import { statsRoutes } from './stats.ts';

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

/**
 * Starts the test server in this process.
 * @throws the error of listen(2), such as EADDRINUSE with its `port`, when a port can't be had.
 */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { host = '127.0.0.1', httpPort = 0, httpsPort = 0, maxStreams = 250 } = options;
  const certificate = options.certificate ?? (await makeCertificate({ names: options.names ?? [] }));
  const meter = new Meter();
  const entries = [...HTTPBIN, ...ITEMS, togetherRoute(), ...faultRoutes(), ...statsRoutes(meter)];
  const answer = router([listing(entries), ...entries]);
  const speakHttp1 = http1(meter, answer);
  const sockets = new Set<Socket>();

  const plain = createServer({ noDelay: true }, (socket) => {
    keep(socket);
    meter.speaks('http/1.1');
    speakHttp1(plainConnection(socket));
  });
  const protocols = options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'];
  const shakeHands = tlsSide(certificate, protocols, (connection) => {
    meter.speaks(connection.protocol);
    if (connection.protocol === 'h2') http2(connection, meter, maxStreams, answer);
    else speakHttp1(connection);
  });
  const secure = createServer({ noDelay: true }, (socket) => {
    keep(socket);
    shakeHands(socket);
  });

  function keep(socket: Socket) {
    sockets.add(socket);
    meter.opened();
    // A client may reset its connection; that is no error of this server.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      meter.closed();
    });
  }

  async function close() {
    const closing = [plain, secure].filter((server) => server.listening).map(closed);
    for (const socket of sockets) socket.destroy();
    await Promise.all(closing);
  }

  let httpAt: number | undefined;
  let httpsAt: number | undefined;
  try {
    if (httpPort !== false) httpAt = await listen(plain, host, httpPort);
    if (httpsPort !== false) httpsAt = await listen(secure, host, httpsPort);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    httpPort: httpAt,
    httpsPort: httpsAt,
    httpUrl: httpAt === undefined ? undefined : `http://${reachable(host)}:${httpAt}`,
    httpsUrl: httpsAt === undefined ? undefined : `https://${reachable(host)}:${httpsAt}`,
    ca: certificate.cert,
    stats: () => meter.stats(),
    fullStats: () => meter.fullStats(),
    resetStats: () => meter.reset(),
    close,
  };
}

/** The host to put into a URL: an address that means all of them can't be connected to everywhere. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
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
