import net from 'node:net';
import tls from 'node:tls';
import { limitText } from '../duration.ts';
import { FetchError } from '../errors.ts';
import {
  type Address,
  connectTarget,
  Race,
  type Reputation,
  type Resolver,
  resolvedByHand,
} from '../names/index.ts';
import { option } from '../option-names.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import { blocked, blockedByName, publicOnly } from './blocked.ts';
import type { HttpProxy, Proxies } from './proxy.ts';
import { handshakeError, isNothingInCommon } from './tls-error.ts';
import type { Trust } from './trust.ts';
import { proxyUnreachable, tunnel } from './tunnel.ts';

/** TLS hands its bytes over in records of at most 16 KiB, TCP in reads of 64 KiB. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** What every connect of a run shares. */
export interface ConnectContext {
  readonly settings: Settings;
  readonly resolver: Resolver;
  readonly reputation: Reputation;
  readonly trust: Trust;
  readonly proxies: Proxies;
}

/** When each step of a connect was reached: milliseconds of performance.now(), NaN when it was not. */
export interface ConnectTimes {
  readonly startedAt: number;
  dnsFrom: number;
  dnsTo: number;
  connectingAt: number;
  connectedAt: number;
  tlsStartAt: number;
  tlsDoneAt: number;
}

/** An open connection. */
export interface OpenSocket {
  readonly socket: net.Socket;
  readonly protocol: 'http/1.1' | 'h2';
  readonly times: ConnectTimes;
  /** Directs what is read to a receiver; the bytes may be overwritten after the call. Once, for HTTP/1.1. */
  receive(receiver: (chunk: Buffer) => void): void;
}

/** Opens one connection to an origin: name, address race, proxy, TLS. Ends in exactly one of its two callbacks. */
export class Connecting {
  readonly times: ConnectTimes;
  readonly #context: ConnectContext;
  readonly #target: Target;
  readonly #offersH2: boolean;
  readonly #proxy: HttpProxy | null;
  readonly #onOpen: (opened: OpenSocket) => void;
  readonly #onFail: (error: FetchError) => void;
  #race: Race<net.Socket> | null = null;
  #socket: net.Socket | null = null;
  /**
   * The connection is open, but its handshake does not finish: only short packets get through, as with a tunnel whose
   * path MTU nobody learns of (RFC 2923 §2.1), the next attempt does better at another address.
   */
  #doubtAddress: (() => void) | null = null;
  /** Those that are offered this time. */
  #curves = '';
  #receiver: ((chunk: Buffer) => void) | null = null;
  #over = false;

  constructor(
    context: ConnectContext,
    target: Target,
    offersH2: boolean,
    onOpen: (opened: OpenSocket) => void,
    onFail: (error: FetchError) => void,
  ) {
    this.#context = context;
    this.#target = target;
    this.#offersH2 = offersH2;
    this.#proxy = context.proxies.of(target);
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
    const { settings, resolver } = this.#context;
    const target = this.#target;
    const proxy = this.#proxy;
    const refusal = settings.blockPrivate && proxy !== null ? blockedByName(target.host) : null;
    if (refusal !== null) {
      this.#failSoon(refusal);
      return;
    }
    const where = proxy ?? connectTarget(settings.connectTo, target.host, target.port);
    const known =
      proxy === null
        ? resolvedByHand(settings.resolve, where.host, where.port, settings.family ?? undefined)
        : undefined;
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
      (error) => this.#fail(this.#viaProxy(error)),
    );
  }

  #viaProxy(error: FetchError): FetchError {
    return this.#proxy === null ? error : proxyUnreachable(this.#proxy, error);
  }

  /** Ends it without a callback. */
  cancel(): void {
    this.#over = true;
    this.#race?.cancel();
    this.#discard();
  }

  /** Ignores further events of a socket that is no longer needed. */
  #discard(): void {
    this.#socket?.on('error', () => {}).destroy();
    this.#socket = null;
  }

  /** Ends it when its time is over. */
  expire(now: number): void {
    const limitMs = this.#context.settings.connectTimeoutMs;
    if (this.#over || now - this.times.startedAt < limitMs) return;
    const unconnected = this.#race?.timedOut(limitMs);
    this.#doubtAddress?.();
    this.#fail(unconnected ? this.#viaProxy(unconnected) : this.#late(limitMs));
  }

  #late(limitMs: number): FetchError {
    const step = Number.isNaN(this.times.connectingAt)
      ? `the name ${this.#target.host} was not resolved`
      : `the connection stood, but the handshake with ${this.#target.origin} did not end`;
    return new FetchError(
      'timeout-connect',
      `${step} in ${limitText(limitMs)}; allow more with ${option('connectTimeout')}, if the server is that slow`,
    );
  }

  #connect(where: { host: string; port: number }, found: readonly Address[]): void {
    const { settings, reputation } = this.#context;
    // The user chose the proxy; the addresses that it connects to can't be seen.
    const addresses = settings.blockPrivate && this.#proxy === null ? publicOnly(found) : found;
    if (addresses.length === 0) {
      this.#failSoon(
        found.length > 0
          ? blocked(where.host, found)
          : new FetchError(
              'dns',
              `${where.host} has no IPv${settings.family} address; leave out ${option('family')}`,
            ),
      );
      return;
    }
    this.times.connectingAt = performance.now();
    this.#curves = this.#context.trust.curves.of(this.#target.origin);
    this.#race = new Race<net.Socket>({
      host: where.host,
      port: where.port,
      addresses,
      reputation,
      open: (address) => this.#open(address, where.port),
      onWin: (socket, address) => {
        if (this.#proxy === null)
          this.#doubtAddress = () => reputation.lost(address, where.port, 'ETIMEDOUT');
        this.#connected(socket);
      },
      onFail: (error) => this.#fail(this.#viaProxy(error)),
    });
  }

  #open(address: Address, port: number): net.Socket {
    const options: net.TcpNetConnectOpts = { host: address.address, port, noDelay: true };
    if (this.#readsDirectly) options.onread = { buffer: READ_BUFFER, callback: this.#read };
    return this.#target.secure && this.#proxy === null
      ? tls.connect({ ...options, ...this.#tlsOptions() })
      : net.connect(options);
  }

  /** What is read goes past Node's streams; a tunnel and HTTP/2 need them. */
  get #readsDirectly(): boolean {
    return !this.#offersH2 && this.#proxy === null;
  }

  readonly #read = (length: number): boolean => {
    this.#receiver?.(READ_BUFFER.subarray(0, length));
    return true;
  };

  #tlsOptions(): tls.ConnectionOptions {
    return {
      ...this.#context.trust.connectOptions(this.#target, this.#curves),
      ALPNProtocols: this.#offersH2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    };
  }

  #connected(socket: net.Socket): void {
    this.#race = null;
    this.#socket = socket;
    this.times.connectedAt = performance.now();
    if (!this.#target.secure) this.#stands(socket, 'http/1.1');
    else if (this.#proxy === null) this.#handshake(socket as tls.TLSSocket);
    else
      tunnel(socket, this.#proxy, this.#target, (error) => {
        if (error !== null) this.#fail(error);
        else this.#handshake(tls.connect({ socket, ...this.#tlsOptions() }));
      });
  }

  #handshake(socket: tls.TLSSocket): void {
    this.#socket = socket;
    this.times.tlsStartAt = performance.now();
    const { trust } = this.#context;
    const onError = (error: Error) => {
      socket.off('error', onError).off('close', onClose);
      if (isNothingInCommon(error) && trust.curves.offerMore(this.#target.origin, this.#curves))
        this.#startOver();
      else this.#fail(handshakeError(error, this.#target));
    };
    const onClose = () => onError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      this.times.tlsDoneAt = performance.now();
      socket.off('error', onError).off('close', onClose);
      const distrust = trust.check(socket, this.#target);
      if (distrust === null) this.#stands(socket, socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1');
      else this.#fail(distrust);
    });
  }

  #startOver(): void {
    if (this.#over) return;
    this.#discard();
    this.start();
  }

  #stands(socket: net.Socket, protocol: 'http/1.1' | 'h2'): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOpen({
      socket,
      protocol,
      times: this.times,
      receive: (receiver) => {
        if (this.#readsDirectly) this.#receiver = receiver;
        else socket.on('data', receiver);
      },
    });
  }

  /** Fails, but not before start() has returned: the next request of a long queue may fail in the same way. */
  #failSoon(error: FetchError): void {
    setImmediate(() => this.#fail(error));
  }

  #fail(error: FetchError): void {
    if (this.#over) return;
    this.cancel();
    this.#onFail(error);
  }
}
