import net from 'node:net';
import tls from 'node:tls';
import { FetchError } from './errors.ts';
import {
  type Address,
  connectTarget,
  Race,
  type Reputation,
  type Resolver,
  resolvedByHand,
} from './names/index.ts';
import { type Proxies, tunnel } from './proxy.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import { handshakeError } from './tls-error.ts';
import type { Trust } from './trust.ts';

/** TLS hands its bytes over in records of at most 16 KiB, TCP in reads of 64 KiB. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** What every opening of a run shares. */
export interface Road {
  readonly settings: Settings;
  readonly resolver: Resolver;
  readonly reputation: Reputation;
  readonly trust: Trust;
  readonly proxies: Proxies;
}

/** When each step of an opening was reached: milliseconds of performance.now(), NaN when it was not. */
export interface OpeningTimes {
  readonly startedAt: number;
  dnsFrom: number;
  dnsTo: number;
  connectingAt: number;
  connectedAt: number;
  tlsStartAt: number;
  tlsDoneAt: number;
}

/** A connection that stands. */
export interface Opened {
  readonly socket: net.Socket;
  readonly protocol: 'http/1.1' | 'h2';
  readonly times: OpeningTimes;
  /** Directs what is read to a receiver; the bytes may be overwritten after the call. Once, for HTTP/1.1. */
  receive(receiver: (chunk: Buffer) => void): void;
}

/** Opens one connection to an origin: name, address race, proxy, TLS. Ends in exactly one of its two callbacks. */
export class Opening {
  readonly times: OpeningTimes;
  readonly #road: Road;
  readonly #target: Target;
  readonly #offersH2: boolean;
  readonly #onOpen: (opened: Opened) => void;
  readonly #onFail: (error: FetchError) => void;
  #race: Race<net.Socket> | null = null;
  #socket: net.Socket | null = null;
  #receiver: ((chunk: Buffer) => void) | null = null;
  #over = false;

  constructor(
    road: Road,
    target: Target,
    offersH2: boolean,
    onOpen: (opened: Opened) => void,
    onFail: (error: FetchError) => void,
  ) {
    this.#road = road;
    this.#target = target;
    this.#offersH2 = offersH2;
    this.#onOpen = onOpen;
    this.#onFail = onFail;
    this.times = {
      startedAt: performance.now(),
      dnsFrom: Number.NaN,
      dnsTo: Number.NaN,
      connectingAt: Number.NaN,
      connectedAt: Number.NaN,
      tlsStartAt: Number.NaN,
      tlsDoneAt: Number.NaN,
    };
  }

  /** Begins. A callback may be called before it returns. */
  start(): void {
    const { settings, proxies, resolver } = this.#road;
    const target = this.#target;
    const proxy = proxies.of(target);
    const where = proxy ?? connectTarget(settings.connectTo, target.host, target.port);
    const known = proxy === null ? resolvedByHand(settings.resolve, where.host, where.port) : undefined;
    const addresses = known ?? resolver.resolve(where.host, settings.family ?? undefined);
    if (!(addresses instanceof Promise)) {
      this.#connect(where, addresses);
      return;
    }
    this.times.dnsFrom = performance.now();
    addresses.then(
      (found) => {
        if (this.#over) return;
        this.times.dnsTo = performance.now();
        this.#connect(where, found);
      },
      (error) => this.#fail(error),
    );
  }

  /** Ends it without a callback. */
  cancel(): void {
    this.#over = true;
    this.#race?.cancel();
    // What a socket that nobody wants has still to say is not listened to.
    this.#socket?.on('error', () => {}).destroy();
  }

  /** Ends it when its time is over. */
  expire(now: number): void {
    const limitMs = this.#road.settings.connectTimeoutMs;
    if (this.#over || now - this.times.startedAt < limitMs) return;
    this.#fail(this.#race?.timedOut(limitMs) ?? this.#late(limitMs));
  }

  #late(limitMs: number): FetchError {
    const step = Number.isNaN(this.times.connectingAt)
      ? `the name ${this.#target.host} was not resolved`
      : `the connection stood, but the handshake with ${this.#target.origin} did not end`;
    return new FetchError(
      'timeout-connect',
      `${step} in ${limitMs / 1000} s; allow more with --connect-timeout (connectTimeout), if the server is that slow`,
    );
  }

  #connect(where: { host: string; port: number }, addresses: readonly Address[]): void {
    if (addresses.length === 0) {
      this.#fail(
        new FetchError(
          'dns',
          `${where.host} has no IPv${this.#road.settings.family} address; leave out -4 or -6`,
        ),
      );
      return;
    }
    this.times.connectingAt = performance.now();
    this.#race = new Race<net.Socket>({
      host: where.host,
      port: where.port,
      addresses,
      reputation: this.#road.reputation,
      open: (address) => this.#open(address, where.port),
      onWin: (socket) => this.#connected(socket),
      onFail: (error) => this.#fail(error),
    });
  }

  #open(address: Address, port: number): net.Socket {
    const direct = this.#road.proxies.of(this.#target) === null;
    const options: net.TcpNetConnectOpts = { host: address.address, port, noDelay: true };
    if (!this.#offersH2 && direct)
      (options as net.NetConnectOpts).onread = { buffer: READ_BUFFER, callback: this.#read };
    return this.#target.secure && direct
      ? tls.connect({ ...options, ...this.#tlsOptions() })
      : net.connect(options);
  }

  readonly #read = (length: number): boolean => {
    this.#receiver?.(READ_BUFFER.subarray(0, length));
    return true;
  };

  #tlsOptions(): tls.ConnectionOptions {
    return {
      ...this.#road.trust.connectOptions(this.#target),
      ALPNProtocols: this.#offersH2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    };
  }

  #connected(socket: net.Socket): void {
    this.#race = null;
    this.#socket = socket;
    this.times.connectedAt = performance.now();
    const proxy = this.#road.proxies.of(this.#target);
    if (!this.#target.secure) this.#stands(socket, 'http/1.1');
    else if (proxy === null) this.#handshake(socket as tls.TLSSocket);
    else
      tunnel(socket, proxy, this.#target, (error) => {
        if (error !== null) this.#fail(error);
        else this.#handshake(tls.connect({ socket, ...this.#tlsOptions() }));
      });
  }

  #handshake(socket: tls.TLSSocket): void {
    this.#socket = socket;
    this.times.tlsStartAt = performance.now();
    const onError = (error: Error) => this.#fail(handshakeError(error, this.#target));
    const onClose = () =>
      this.#fail(new FetchError('tls', `${this.#target.origin} closed the connection in the TLS handshake`));
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      this.times.tlsDoneAt = performance.now();
      socket.off('error', onError);
      socket.off('close', onClose);
      const distrust = this.#road.trust.check(socket, this.#target);
      if (distrust !== null) this.#fail(distrust);
      else this.#stands(socket, socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1');
    });
  }

  #stands(socket: net.Socket, protocol: 'http/1.1' | 'h2'): void {
    if (this.#over) return;
    this.#over = true;
    const proxied = this.#road.proxies.of(this.#target) !== null;
    this.#onOpen({
      socket,
      protocol,
      times: this.times,
      receive: (receiver) => {
        if (this.#offersH2 || proxied) socket.on('data', receiver);
        else this.#receiver = receiver;
      },
    });
  }

  #fail(error: FetchError): void {
    if (this.#over) return;
    this.cancel();
    this.#onFail(error);
  }
}
