import type { Address } from './arguments.ts';
import type { ClientConnection } from './connection.ts';
import type { OpenFile } from './descriptors.ts';

/** What a descriptor can lead to. */
export type File = Socket | Epoll;

type Domain = 'inet' | 'unix' | 'other';

/** A socket of the program, from socket(2) or accept(2). */
export class Socket implements OpenFile {
  readonly type = 'socket';
  references = 0;
  readonly domain: Domain;
  readonly stream: boolean;
  /** Set by connect(2), for a stream that may carry requests. */
  connection: ClientConnection | null = null;
  /** A resolver is spoken to: the DNS, or a service on this machine that asks it. */
  resolver: 'udp' | 'tcp' | 'service' | null = null;
  peer: Address | null = null;
  /** What a resolver's service was asked. */
  asked: { name: string; atUs: number } | null = null;
  noDelay = false;
  /** The kernel said so, and the program has not come back to it since. */
  writableUs: number | null = null;
  readableUs: number | null = null;
  /** The epolls that watch it. */
  readonly watchers = new Set<Epoll>();

  constructor(domain: Domain, stream: boolean) {
    this.domain = domain;
    this.stream = stream;
  }

  closed(atUs: number, left: boolean): void {
    this.connection?.closed(atUs, left);
    for (const epoll of this.watchers) epoll.forget(this);
  }
}

/** An epoll instance, with what it watches as far as epoll_ctl(2) shows. */
export class Epoll implements OpenFile {
  readonly type = 'epoll';
  references = 0;
  readonly #watched = new Map<number, { file: File | undefined; key: string }>();
  readonly #byKey = new Map<string, File>();

  get size(): number {
    return this.#watched.size;
  }

  watch(fd: number, file: File | undefined, key: string): void {
    this.#watched.set(fd, { file, key });
    if (file?.type !== 'socket') return;
    file.watchers.add(this);
    this.#byKey.set(key, file);
  }

  unwatch(fd: number): void {
    const known = this.#watched.get(fd);
    if (known === undefined) return;
    this.#watched.delete(fd);
    if (this.#byKey.get(known.key) === known.file) this.#byKey.delete(known.key);
  }

  forget(socket: Socket): void {
    for (const [fd, each] of this.#watched) if (each.file === socket) this.unwatch(fd);
  }

  /** What was registered under an event's data. */
  byKey(key: string): File | undefined {
    return this.#byKey.get(key);
  }

  /** The sockets with a connection. */
  connections(): number[] {
    const ids: number[] = [];
    for (const { file } of this.#watched.values()) {
      if (file?.type === 'socket' && file.connection !== null) ids.push(file.connection.id);
    }
    return ids;
  }

  closed(): void {}
}
