import type { BodyMemory } from './bodies/body.ts';
import type { FetchError } from './errors.ts';
import type { HttpConnection } from './http-connection.ts';
import { Http1Connection } from './http1/connection.ts';
import { type LastHead, lastHead } from './http1/reader.ts';
import type { Http2Events } from './http2/connection.ts';
import type { Job, Origin } from './job.ts';
import { type ConnectContext, Connecting, type OpenSocket } from './open/connect.ts';

/** What is known of an open connection. Times are milliseconds of performance.now(), NaN where there was no such step. */
export interface Connected {
  readonly connection: HttpConnection<Job>;
  readonly protocol: 'http/1.1' | 'h2';
  readonly local: string;
  readonly remote: string;
  readonly dnsFrom: number;
  readonly dnsTo: number;
  readonly connectingAt: number;
  readonly connectedAt: number;
  readonly tlsStartAt: number;
  readonly tlsDoneAt: number;
}

/** A connection that is being opened. */
export interface Attempt {
  /** Begins. A callback may be called before it returns. */
  start(): void;
  /** Fails when its time is over. */
  expire(now: number): void;
  /** Ends it without a callback. */
  cancel(): void;
}

/** Makes ready to open a connection to an origin. Unless it is cancelled, exactly one of the two callbacks is called. */
export type Connect = (
  origin: Origin,
  nextId: () => number,
  events: Http2Events<Job>,
  onOpen: (connected: Connected) => void,
  onFail: (error: FetchError) => void,
) => Attempt;

/** Opens connections over the system's sockets. */
export function connector(context: ConnectContext, memory: BodyMemory): Connect {
  // Loaded while the first handshake is under way.
  let http2: Promise<typeof import('./http2/connection.ts')> | null = null;
  const lastHeads = new Map<Origin, LastHead>();
  const lastHeadOf = (origin: Origin): LastHead => {
    const last = lastHeads.get(origin) ?? lastHead();
    lastHeads.set(origin, last);
    return last;
  };
  return (origin, nextId, events, onOpen, onFail) => {
    const offersH2 = origin.pool.offersH2 === true;
    if (offersH2) http2 ??= import('./http2/connection.ts');
    let isCancelled = false;
    const connecting = new Connecting(
      context,
      origin.target,
      offersH2,
      (opened) => {
        if (opened.protocol === 'http/1.1') {
          const connection = new Http1Connection(
            nextId(),
            opened.socket,
            origin,
            lastHeadOf(origin),
            memory,
            events,
          );
          opened.receive((chunk) => connection.receive(chunk));
          onOpen(connected(connection, opened));
        } else
          http2!.then(({ Http2Connection }) => {
            if (isCancelled) return;
            const connection = new Http2Connection(nextId(), opened.socket, origin, memory, events);
            onOpen(connected(connection, opened));
          });
      },
      onFail,
    );
    return {
      start: () => connecting.start(),
      expire: (now) => connecting.expire(now),
      cancel() {
        isCancelled = true;
        connecting.cancel();
      },
    };
  };
}

function connected(connection: HttpConnection<Job>, { socket, protocol, times }: OpenSocket): Connected {
  return {
    connection,
    protocol,
    local: `${socket.localAddress}:${socket.localPort}`,
    remote: `${socket.remoteAddress}:${socket.remotePort}`,
    ...times,
  };
}
