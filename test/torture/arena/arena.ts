import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import type { Case } from '../case.ts';
import { type Certificates, makeCertificates, NAMED } from './certificates.ts';
import { cutTls } from './cut-tls.ts';
import { caseAt, type Ports, sharedHost } from './place.ts';
import { type Listener, play } from './play.ts';
import { SilentPort } from './silent-port.ts';
import { DnsSpeaker } from './speak-dns.ts';
import { speakHttp1 } from './speak-http1.ts';
import { speakHttp2 } from './speak-http2.ts';
import { speakProxy } from './speak-proxy.ts';

/** Finds the case that a connection or a request belongs to. */
export interface Stage {
  case(number: number): Case | undefined;
  /** How often this was asked for before. */
  times(number: number, ask: number, rest: string): number;
  /** Hears of what is said and asked in a case. */
  listener(number: number): Listener;
}

const ALPN = ['h2', 'http/1.1'];

/** The hostile servers: they listen on every address of loopback, and play each case as its scene says. */
export class Arena implements Stage {
  ports!: Ports;
  readonly certificates: Certificates;
  /** Addresses of names that have a certificate, as the option `resolve` wants them. */
  resolve!: Readonly<Record<string, readonly string[]>>;
  /** What was said in each case; kept only where somebody wants to see it. */
  readonly transcript: string[] | null;
  readonly #cases = new Map<number, Case>();
  readonly #times = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #tls = new Map<string, tls.Server>();
  readonly #open = new Set<Socket>();
  readonly #silent = new SilentPort();
  #names: DnsSpeaker | null = null;

  private constructor(certificates: Certificates, transcript: string[] | null) {
    this.certificates = certificates;
    this.transcript = transcript;
  }

  /** `names`: it is the name server of this machine, too. */
  static async start(options: { readonly transcript: boolean; readonly names: boolean }): Promise<Arena> {
    const arena = new Arena(await makeCertificates(), options.transcript ? [] : null);
    arena.ports = {
      plain: await arena.#listen((socket) => Arena.#inClear(arena, socket)),
      tls: await arena.#listen((socket) => arena.#underTls(socket)),
      proxy: await arena.#listen((socket) => speakProxy(socket, arena)),
      closed: await arena.#listen(() => {}, '127.0.0.1'),
      silent: await arena.#silent.open(),
    };
    if (options.names) {
      arena.#names = new DnsSpeaker((number) => arena.case(number)?.scene.dns);
      await arena.#names.open();
    }
    arena.resolve = Object.fromEntries(
      Object.values(NAMED).map((name) => [`${name}:${arena.ports.tls}`, [sharedHost(0)]]),
    );
    return arena;
  }

  /** These are played from now on, and no others. */
  stage(cases: readonly Case[]): void {
    this.#cases.clear();
    this.#times.clear();
    for (const one of cases) this.#cases.set(one.number, one);
  }

  /** Where connections are that no client has closed. */
  get open(): readonly string[] {
    // A socket without an address is closed, and its stream has yet to hear of it.
    const alive = [...this.#open].filter(
      ({ destroyed, localAddress }) => !destroyed && localAddress !== undefined,
    );
    return alive.map(({ localAddress, localPort }) => `${localAddress}:${localPort}`);
  }

  /** Closes what clients left open. */
  clear(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    for (const server of this.#servers) server.close();
    this.#silent.close();
    this.#names?.close();
    this.clear();
  }

  case(number: number): Case | undefined {
    return this.#cases.get(number);
  }

  times(number: number, ask: number, rest: string): number {
    const key = `${number}/${ask}${rest}`;
    const times = this.#times.get(key) ?? 0;
    this.#times.set(key, times + 1);
    return times;
  }

  listener(number: number): Listener {
    return (bytes) => this.transcript?.push(`${number}: ${typeof bytes === 'string' ? bytes : shown(bytes)}`);
  }

  static #inClear(arena: Arena, socket: Socket): void {
    const number = caseAt(socket.localAddress ?? '');
    const steps = number === null ? undefined : arena.case(number)?.scene.connect;
    if (steps === undefined) speakHttp1(socket, arena);
    else {
      socket.resume();
      play(socket, steps, arena.listener(number!));
    }
  }

  #underTls(socket: Socket): void {
    const number = caseAt(socket.localAddress ?? '');
    const scene = number === null ? undefined : this.case(number)?.scene;
    if (scene?.connect !== undefined) {
      socket.resume();
      play(socket, scene.connect, this.listener(number!));
    } else if (scene?.tlsCut !== undefined) {
      const through = connect(this.ports.tls, sharedHost(0));
      this.#know(through);
      cutTls(socket, through, scene.tlsCut);
    } else this.#tlsServer(scene?.alpn ?? ALPN).emit('connection', socket);
  }

  /** A TLS server that offers these protocols; it is given its connections. */
  #tlsServer(protocols: readonly string[]): tls.Server {
    const key = protocols.join();
    const known = this.#tls.get(key);
    if (known !== undefined) return known;
    const server = tls.createServer({
      ...this.certificates.own,
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      SNICallback: (name, done) => done(null, this.certificates.contexts.get(name)),
    });
    server.on('tlsClientError', () => {});
    server.on('secureConnection', (socket) => {
      this.#know(socket);
      if (socket.alpnProtocol === 'h2') speakHttp2(socket, this, caseAt(socket.localAddress ?? ''));
      else speakHttp1(socket, this);
    });
    this.#tls.set(key, server);
    return server;
  }

  #know(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#open.delete(socket));
  }

  async #listen(connected: (socket: Socket) => void, host = '0.0.0.0'): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#know(socket);
      connected(socket);
    });
    this.#servers.push(server);
    server.listen(0, host, 1024);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
}

function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1', 0, 2000));
  return bytes.length > 2000 ? `${text} ... ${bytes.length} bytes` : text;
}
