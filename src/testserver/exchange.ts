import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Header fields as they go over the wire: name, value, name, value. */
export type Fields = readonly string[];

/**
 * One request and the means to answer it, the same to the routes whatever the protocol. A route calls
 * `reply` or `open`; a fault may instead write to what lies underneath.
 */
export interface ServerExchange {
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
  /** Whether the request has a body, be it an empty one. */
  readonly hasBody: boolean;
  /** The body of the request. @throws BadRequest when it is cut off or longer than MAX_REQUEST_BODY. */
  body(): Promise<Buffer>;
  /** The whole answer at once. Sets the content length, and leaves the body out for HEAD. After `open`, it breaks that answer off. */
  reply(status: number, fields: Fields, body: string | Buffer): void;
  /** The head of an answer; what is written to the stream is its body. */
  open(status: number, fields: Fields): Writable;
  /** For faults: the connection, which carries the bytes of an HTTP/1.1 exchange as they are written. */
  readonly socket: Socket;
  /** For faults: ends the connection with a TCP reset. */
  resetConnection(): void;
  /** For faults: the stream under an HTTP/2 exchange. */
  readonly stream: ServerHttp2Stream | undefined;
}

/** Answers one exchange; the parameters are what stood in the path where the pattern has a colon, decoded. */
export type Route = (exchange: ServerExchange, ...parameters: string[]) => void | Promise<void>;

/** A route as `/` lists it: '/bytes/:count', what it answers, and the function that does. */
export interface RouteEntry {
  readonly pattern: string;
  readonly about: string;
  readonly route: Route;
}

/** The request can't be had, for this reason: answered with 400. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}
