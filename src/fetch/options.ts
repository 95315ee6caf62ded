import type { Duration, Rate } from './duration.ts';
import type { FetchError } from './errors.ts';
import type { Input } from './input.ts';
import type { Result } from './result.ts';

/** How an origin is trusted and who we are to it, as curl has them. PEM text or bytes. */
export interface TlsOptions {
  /** Trust these authorities instead of the default ones. */
  readonly ca?: string | Buffer;
  /** Trust anybody. */
  readonly insecure?: boolean;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Curves and other groups of the key exchange, by OpenSSL's names with colons between; the first is the one that is hoped for. */
  readonly curves?: string;
}

/** How many for the hosts of a pattern: 'example.com', '*.example.com', '127.0.0.1:8080', '*'. */
export type HostLimit = readonly [pattern: string, most: number];

/**
 * Options of a run. Every default is here, in DEFAULTS and in `abreast get --help`.
 *
 * Callbacks are `good`, `next`, `onResponse` and `onError`. What `good` or `next` throws ends the run: map and imap
 * reject with it, and nothing stays open. What `onResponse` or `onError` throws is the error 'hook' of the result that
 * it was called with, and the run goes on. A promise that a callback returns comes too late for its result, which is
 * handed over without it: when it rejects, map and imap reject with it. They wait for such promises before they end.
 */
export interface Options<Data = unknown> {
  /** GETs in flight in all (100). */
  readonly concurrency?: number;
  /** GETs in flight at one origin (no limit but concurrency); or by host, where the first pattern that matches counts. */
  readonly perOrigin?: number | readonly HostLimit[];
  /** Requests sent, in all, in a time. */
  readonly rate?: Rate;
  /** Requests sent to one origin in a time. */
  readonly perOriginRate?: Rate;
  /** Opening a connection, DNS and TLS included ('10s'). */
  readonly connectTimeout?: Duration;
  /** From the request sent to the answer's first byte ('30s'). */
  readonly firstByteTimeout?: Duration;
  /** Between two reads of an answer ('30s'). */
  readonly idleTimeout?: Duration;
  /** The whole of one attempt, its redirects included ('60s'). */
  readonly timeout?: Duration;
  /** Further attempts for one URL (3); the run as a whole spends at most 100, and one for every five requests. */
  readonly retries?: number;
  /** The longest Retry-After that is waited for ('60s'). */
  readonly maxRetryAfter?: Duration;
  /** Slow down for origins that answer 429 or 503, and give up on dead ones (true). */
  readonly adapt?: boolean;
  /** Bytes of one decoded body (64 MiB). */
  readonly maxBody?: number;
  /** Bytes of all bodies together: raw, decoded, waiting to be taken (a quarter of the memory). Reading pauses beyond. */
  readonly maxMemory?: number;
  /** Redirects followed for one URL (10); 0 returns the first answer. */
  readonly maxRedirects?: number;
  /**
   * Sent with every request. Credentials (authorization, cookies, API keys, whatever else looks like one) and Host are
   * not sent to another origin that a redirect leads to.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** 'abreast/VERSION' unless given. */
  readonly userAgent?: string;
  readonly tls?: TlsOptions;
  /** A proxy for every request, over HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment; '' for none. */
  readonly proxy?: string;
  /** As curl's --resolve: 'host:port' to addresses. */
  readonly resolve?: Readonly<Record<string, readonly string[]>>;
  /** As curl's --connect-to: 'host:port' to 'host:port'; the name in the request and the certificate stay. */
  readonly connectTo?: Readonly<Record<string, string>>;
  /** Only IPv4, or only IPv6. */
  readonly family?: 4 | 6;
  /**
   * Connect to the public internet only (false): not to loopback, private, link-local and other addresses of special
   * purpose, whatever name, redirect or override leads to them. That is the error 'blocked-address'. What a proxy
   * connects to is refused where the URL has the address itself, or localhost.
   */
  readonly blockPrivate?: boolean;
  /** 'auto' takes HTTP/2 where it saves handshakes and the server offers it. */
  readonly protocol?: 'auto' | 'http/1.1' | 'h2';
  /** Statuses that are good; anything else is the error 'status'. Without it every answer is good. What it throws ends the run. */
  readonly good?: (status: number) => boolean;
  /**
   * Called with each result, before it is handed over: what it asks for next, as the next page. That goes before all
   * that waits; its exchange is of because 'page', its result has an index of its own, behind all others so far. What it
   * throws ends the run.
   */
  readonly next?: (result: Result<Data>) => Input<Data> | null;
  /** Ends the run: what is in flight is given up. */
  readonly signal?: AbortSignal;
  /** Called with each response before it is handed over, as grequests' hooks. What it throws is its result's error 'hook'. */
  readonly onResponse?: (result: Result<Data>) => void;
  /**
   * Called with each failed result; what it returns, a result of the same index, takes its place, as grequests'
   * exception_handler. What it throws is its result's error 'hook'.
   */
  readonly onError?: (error: FetchError, result: Result<Data>) => Result<Data> | undefined;
}
