import querystring from 'node:querystring';
import { redactUrl } from '../trace/index.ts';
import { FetchError } from './errors.ts';

/** Where a request goes and what it asks for. */
export interface Target {
  /** 'scheme://host:port', the port left out where it is the scheme's own. */
  readonly origin: string;
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as in the request line. */
  readonly path: string;
  /** The Authorization that name and password in the URL stand for, as curl sends it. */
  readonly authorization: string | null;
  /** The whole URL, normalised, without name, password and fragment. */
  readonly href: string;
}

/** Text that may follow an origin unchanged: nothing that a URL parser would change, split or refuse. */
const PLAIN_PATH = /^\/[\w\-~!$&()*+,;=:@/?%][\w\-.~!$&()*+,;=:@/?%]*$/;
/** '/..' leads elsewhere, and '/%2e%2e' is the same to a URL parser. */
const DOT_SEGMENT = /\/(?:\.|%2e)/i;

/**
 * Reads URLs. A run has many of few origins: the part before the path is parsed once, and a plain path after a
 * known origin needs no parsing.
 */
export class Targets {
  readonly #known = new Map<string, Target>();

  /** @throws FetchError 'bad-url' with what would parse. */
  parse(text: string): Target {
    const slash = text.indexOf('/', 8);
    const before = slash < 0 ? text : text.slice(0, slash);
    const path = slash < 0 ? '' : text.slice(slash);
    const known = this.#known.get(before);
    if (known !== undefined && PLAIN_PATH.test(path) && !DOT_SEGMENT.test(path)) return targetAt(known, path);
    const target = parseTarget(text);
    if (target.origin === before && target.authorization === null) this.#known.set(before, target);
    return target;
  }
}

/** @throws FetchError 'bad-url' with what would parse. */
export function parseTarget(text: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const shown = redactUrl(text);
    throw new FetchError('bad-url', `'${shown}' is no URL${hint(shown)}`);
  }
  return targetOf(url);
}

/** @throws FetchError 'bad-url' for a scheme that is not HTTP. */
export function targetOf(url: URL): Target {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:')
    throw new FetchError('bad-url', `'${url.protocol}' is no scheme for a GET; use http: or https:`);
  const host = url.hostname;
  // An empty query is one (RFC 3986 §6.2.3), though URL.search does not tell it from none.
  // URL.hash does not tell an empty fragment from none, either.
  const emptyQuery = url.search === '' && url.href.split('#', 1)[0]!.endsWith('?');
  const path = emptyQuery ? `${url.pathname}?` : url.pathname + url.search;
  return {
    origin: url.origin,
    secure,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path,
    authorization: url.username === '' && url.password === '' ? null : basic(url),
    href: url.origin + path,
  };
}

function targetAt({ origin, secure, host, port }: Target, path: string): Target {
  return { origin, secure, host, port, path, authorization: null, href: origin + path };
}

function basic(url: URL): string {
  // decodeURIComponent throws on a % that escapes nothing.
  const pair = `${querystring.unescape(url.username)}:${querystring.unescape(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function hint(text: string): string {
  return /^[a-z0-9.-]+\.[a-z]{2,}(?:[:/?]|$)/i.test(text) ? `; did you mean https://${text} ?` : '';
}
