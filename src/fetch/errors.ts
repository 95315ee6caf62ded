import { type Reader, wordsFor } from './option-names.ts';

/**
 * Why a GET has no good answer. A code is stable: scripts, summaries and SQL may depend on it.
 * Each code means one kind of event, not one system's name for it.
 */
export type ErrorCode =
  | 'bad-url' // the input is not an http(s) URL
  | 'bad-request-header' // a header the caller gave can't be sent (RFC 9110 §5.5)
  | 'bad-timeout' // the timeout of the input is not a duration
  | 'dns' // the name does not resolve
  | 'blocked-address' // --no-private, and every address of the host is one that it refuses
  | 'connect-refused'
  | 'connect-unreachable'
  | 'connect-failed' // any other failure before the connection stood
  | 'proxy' // the proxy refused the tunnel or can't be reached
  | 'tls-untrusted' // the chain ends in nothing that is trusted
  | 'tls-expired' // expired or not yet valid
  | 'tls-wrong-host' // the certificate is for other names
  | 'tls' // any other failure of the handshake
  | 'timeout-connect'
  | 'timeout-first-byte'
  | 'timeout-idle'
  | 'timeout' // the whole of one attempt
  | 'reset' // the connection ended before the answer did
  | 'body-truncated' // the answer ended before its declared length
  | 'body-too-large' // more decoded bytes than --max-body
  | 'bad-header' // the answer's head breaks RFC 9112
  | 'bad-body' // the body's framing or content encoding is broken
  | 'protocol' // HTTP/2 or ALPN failure
  | 'redirect-loop'
  | 'redirect-limit'
  | 'redirect-bad' // Location is missing, not a URL, or of a scheme that is not HTTP
  | 'status' // a status outside what --good allows
  | 'origin-down' // given up: its origin failed too often in a row
  | 'retry-after' // the server asks for a longer wait than --max-retry-after
  | 'bad-row' // of a report: the row lacks what its request needs
  | 'content-type' // of a report: an answer of another media type than is good
  | 'bad-page' // of a report: the answer does not say where the next page is
  | 'page-loop' // of a report: the next page was there before
  | 'chunk-failed' // of a report on a queue: each worker that took the rows ended, or failed with them
  | 'stopped' // the run was stopped before this was done
  | 'hook'; // a callback of the caller threw

/**
 * A failed GET: what happened (`code`), and in words with what to do next (`message`), for the library's user until
 * `tell()` says who reads it.
 */
export class FetchError extends Error {
  readonly code: ErrorCode;
  readonly #text: string;

  constructor(code: ErrorCode, text: string, cause?: unknown) {
    // The error is about a server, not about our code; a stack would cost more than the rest of a failed GET.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(wordsFor('library', text), cause === undefined ? undefined : { cause });
    Error.stackTraceLimit = limit;
    this.name = 'FetchError';
    this.code = code;
    this.#text = text;
  }

  /** The text with options still unnamed, for another error that quotes this one. */
  get text(): string {
    return this.#text;
  }

  /** The same error, in words for this reader. */
  tell(reader: Reader): this {
    this.message = wordsFor(reader, this.#text);
    return this;
  }
}

/** What was thrown, as the failure of a GET. @throws it again if it is a fault of the program. */
export function failureOf(thrown: unknown): FetchError {
  if (thrown instanceof FetchError) return thrown;
  throw thrown;
}
