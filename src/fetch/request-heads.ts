import { forAnyOrigin, type Headers, layHeaders } from './headers.ts';
import type { HttpProxy } from './open/proxy.ts';
import type { Target } from './target.ts';

/** What the head of a request is made of. */
interface Requested {
  /** Where it goes now. */
  readonly target: Target;
  /** Where it went first. */
  readonly first: Target;
  /** Headers of its own, over the run's. */
  readonly headers: Headers | null;
  /** Names of headers, in lower case, that stay with the origin of `first`. */
  readonly credentials: readonly string[];
  /** URLs that redirected it. */
  readonly trail: readonly string[];
}

/** Writes the heads of the requests to one origin. @throws FetchError 'bad-request-header'. */
export class RequestHeads {
  /** The run's, and the login at a proxy. */
  readonly #headers: Headers;
  /** The rest of the head after the target, as most requests have it. */
  readonly #lines: string;
  readonly #absoluteForm: boolean;

  /** `proxy`: requests go to it in clear, with whole URLs in the request line (RFC 9112 §3.2.2). */
  constructor(target: Target, headers: Headers, proxy: HttpProxy | null) {
    const login = proxy?.authorization ?? null;
    this.#headers = login === null ? headers : { ...headers, 'proxy-authorization': login };
    this.#lines = linesOf(target, this.#headers);
    this.#absoluteForm = proxy !== null;
  }

  /** A request of HTTP/1.1, whole. */
  text(request: Requested): string {
    const { target } = request;
    const lines = hasRunHeaders(request) ? this.#lines : linesOf(target, headersOf(request, this.#headers));
    return `GET ${this.#absoluteForm ? target.href : target.path}${lines}`;
  }

  /** A request of HTTP/2: its header fields, pseudo-fields first. */
  fields(request: Requested): Record<string, string> {
    const { host, ...headers } = headersOf(request, this.#headers);
    const { target } = request;
    return {
      ':method': 'GET',
      ':scheme': target.secure ? 'https' : 'http',
      ':authority': host ?? authority(target),
      ':path': target.path,
      ...headers,
    };
  }
}

/** What is for the origin that was asked for is not sent where a redirect led. */
function headersOf({ target, first, headers, credentials }: Requested, run: Headers): Headers {
  const own = headers === null ? run : layHeaders(run, headers);
  if (target.origin !== first.origin) return forAnyOrigin(own, credentials);
  const login = first.authorization;
  return login === null || own.authorization !== undefined ? own : { ...own, authorization: login };
}

/** Whether every request like this one, to its origin, has the run's own headers. */
function hasRunHeaders({ headers, first, trail }: Requested): boolean {
  return headers === null && first.authorization === null && trail.length === 0;
}

/** host:port as the Host header has it (RFC 9110 §7.2). */
function authority(target: Target): string {
  return target.origin.slice(target.origin.indexOf('//') + 2);
}

/** What follows the target in the request line of HTTP/1.1, to the empty line that ends the head. */
function linesOf(target: Target, headers: Headers): string {
  let lines = headers.host === undefined ? ` HTTP/1.1\r\nhost: ${authority(target)}\r\n` : ' HTTP/1.1\r\n';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return `${lines}\r\n`;
}
