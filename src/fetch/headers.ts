import { isCredential, redactText } from '../trace/index.ts';
import { FetchError } from './errors.ts';

/** What HTTP/2 forbids (RFC 9113 §8.2.2), and what belongs to the connection and not to the caller. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'proxy-authorization',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'te',
]);

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/**
 * Lays headers over others: names in lower case, the later one wins, an empty value takes a default away (as
 * curl's `-H 'accept:'`). @throws FetchError 'bad-request-header' for what can't be sent.
 */
export function layHeaders(under: Headers, over: Headers): Headers {
  if (typeof over !== 'object' || over === null || Symbol.iterator in over)
    throw badHeader("give headers as an object of names and values: { accept: 'text/html' }");
  // Without a prototype: a header may be called __proto__, or as what every object inherits.
  const laid: Record<string, string> = Object.assign(Object.create(null), under);
  for (const [name, value] of Object.entries(over)) {
    const key = name.toLowerCase();
    if (!NAME.test(name)) throw badHeader(`'${redactText(name)}' is no header name (RFC 9110 §5.6.2)`);
    if (typeof value !== 'string') throw badHeader(`the value of '${name}' is no text`);
    if (!VALUE.test(value))
      throw badHeader(`the value of '${name}' holds a character that no header can carry (RFC 9110 §5.5)`);
    if (OF_THE_CONNECTION.has(key)) throw badHeader(`'${name}' is set by the connection, not by the caller`);
    const text = value.trim();
    if (text === '' && Object.hasOwn(under, key)) delete laid[key];
    else laid[key] = text;
  }
  return laid;
}

/** The run's headers over the ones that every request has. @throws FetchError 'bad-request-header'. */
export function runHeaders(userAgent: string, given: Headers): Headers {
  return layHeaders({ 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'gzip, br, zstd' }, given);
}

/**
 * The headers without those that say who the caller is and without Host: these are for one origin only (RFC 9110
 * §15.4). `credentials`: names of further ones, in lower case.
 */
export function forAnyOrigin(headers: Headers, credentials: readonly string[]): Headers {
  const isForOne = (name: string, value: string): boolean =>
    name === 'host' || credentials.includes(name) || isCredential(name, value);
  return Object.fromEntries(
    Object.entries(headers).filter(
      // The proxy is the same wherever a redirect leads.
      ([name, value]) => name === 'proxy-authorization' || !isForOne(name.toLowerCase(), value),
    ),
  );
}

function badHeader(text: string): FetchError {
  return new FetchError('bad-request-header', text);
}
