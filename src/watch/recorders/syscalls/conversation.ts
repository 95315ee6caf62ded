import type { Payload } from './payload.ts';

/** A protocol's reader of the two directions of one connection. It is given each call's bytes, in order. */
export interface Conversation {
  up(payload: Payload, atUs: number): void;
  down(payload: Payload, atUs: number): void;
  /** No more bytes will come. */
  closed(): void;
}

/** Hears what a conversation's bytes mean. */
export interface Listener {
  tlsStarted(atUs: number): void;
  tlsDone(atUs: number, version: string): void;
  serverName(name: string | null): void;
  /** null: HTTP/2 was offered and the choice is hidden so far. */
  isHttp2(answer: boolean | null): void;
  /** Bytes of a request; `head` where they begin one in the clear. */
  request(atUs: number, bytes: number, head?: RequestHead): void;
  /**
   * Bytes of the answer to the oldest open request. `estimated`: they may be something else, such as session tickets,
   * or belong to the answer before.
   */
  answer(atUs: number, bytes: number, estimated: boolean, status?: number): void;
  /** The answer to the oldest open request is complete. `estimated`: so it seems. */
  answered(atUs: number, estimated?: boolean): void;
  /** What is sent from now on goes to another host through this connection (RFC 9110 §9.3.6). */
  tunnelled(target: string): void;
  /** Neither HTTP nor TLS. */
  opaque(): void;
}

/** The first lines of a request in the clear. */
export interface RequestHead {
  readonly method: string;
  /** As in the request line: a path, or a whole URL when it is for a proxy. */
  readonly target: string;
  readonly host: string | null;
}
