import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** A connection that is ready for HTTP. */
export interface ServerConnection {
  /** What is read and written in the clear: the TCP socket itself, or TLS over it. */
  readonly socket: Socket;
  readonly scheme: 'http' | 'https';
  readonly protocol: 'http/1.1' | 'h2';
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Ends it with a TCP reset. */
  reset(): void;
}

/** A TCP connection without TLS. */
export function plainConnection(socket: Socket): ServerConnection {
  return connection(socket, socket, 'http/1.1');
}

/** Shakes hands on the TCP connections that the function it returns is given; one that fails is never ready. */
export function tlsSide(
  { cert, key }: Certificate,
  protocols: string[],
  ready: (connection: ServerConnection) => void,
): (raw: Socket) => void {
  // tls.Server doesn't say which socket lies under its own, and a reset needs that one.
  const shaking = new Map<string, Socket>();
  const server = createServer({ cert, key, ALPNProtocols: protocols });
  server.on('secureConnection', (socket) => {
    const raw = shaking.get(ends(socket));
    if (raw) ready(connection(socket, raw, socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1'));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return (raw) => {
    const key = ends(raw);
    shaking.set(key, raw);
    raw.on('close', () => shaking.delete(key));
    server.emit('connection', raw);
  };
}

/** Both ends of a connection: no two open ones have the same. */
function ends(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}

function connection(socket: Socket, raw: Socket, protocol: ServerConnection['protocol']): ServerConnection {
  // A client may reset its connection; that is no error of this server.
  if (socket !== raw) socket.on('error', () => socket.destroy());
  return {
    socket,
    protocol,
    scheme: socket === raw ? 'http' : 'https',
    remoteAddress: raw.remoteAddress ?? '',
    remotePort: raw.remotePort ?? 0,
    reset: () => raw.resetAndDestroy(),
  };
}
