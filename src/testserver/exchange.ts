import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Header fields as they go over the wire: name, value, name, value. */
export type Fields = readonly string[];

/**
 * One request and the means to answer it, the same to the routes whatever the protocol. Exactly one of
 * `reply` and `open` is called; a fault may instead write to what lies underneath.
 */
export interface Exchange {
  readonly protocol: 'http/1.1' | 'h2';
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** As sent, escapes and all, without the query. */
  readonly path: string;
  /** What follows the question mark, as sent; '' when nothing does. */
  readonly query: string;
  /** The Host field or the authority. */
  readonly host: string;
  readonly remoteAddress: string;
  /** The fields of the request as received; without HTTP/2's pseudo-fields. */
  readonly fields: Fields;
  /** A field of the request by its lower-case name, several values joined as RFC 9110 §5.3 says. */
  header(name: string): string | undefined;
  /** The body of the request; rejects when it is cut off or longer than the server takes. */
  body(): Promise<Buffer>;
  /** The whole answer at once. Sets the content length, and leaves the body out for HEAD. */
  reply(status: number, fields: Fields, body: string | Buffer): void;
  /** The head of an answer; what is written to the stream is its body. */
  open(status: number, fields: Fields): Writable;
  /** Calls back when the client has gone or the answer is over: nothing more can be written. */
  onClosed(listener: () => void): void;
  /** For faults: the connection under an HTTP/1.1 exchange. */
  readonly socket: Socket | undefined;
  /** For faults: the stream under an HTTP/2 exchange. */
  readonly stream: ServerHttp2Stream | undefined;
}

/** Answers one exchange; the segments are those of the decoded path, the route's own name first. */
export type Route = (exchange: Exchange, segments: readonly string[]) => void | Promise<void>;
