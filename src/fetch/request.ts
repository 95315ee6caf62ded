import { isCredential, redactText } from '../trace/index.ts';
import { FetchError } from './errors.ts';
import type { Job } from './job.ts';
import type { Target } from './target.ts';

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
 * The headers of one request. What is for the origin that was asked for is not sent where a redirect led.
 * @throws FetchError 'bad-request-header'.
 */
export function headersOf(job: Job, run: Headers): Headers {
  const home = job.target.origin === job.first.origin;
  const own = job.headers === null ? run : layHeaders(run, job.headers);
  if (!home) return forAnyOrigin(own, job.credentials);
  const login = job.first.authorization;
  return login === null || own.authorization !== undefined ? own : { ...own, authorization: login };
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

/** Whether every request like this one, to its origin, has the run's own headers. */
export function hasRunHeaders(job: Job): boolean {
  return job.headers === null && job.first.authorization === null && job.trail.length === 0;
}

/** host:port as the Host header has it (RFC 9110 §7.2). */
export function authority(target: Target): string {
  return target.origin.slice(target.origin.indexOf('//') + 2);
}

/** What follows the request line in HTTP/1.1, to the empty line that ends the head. */
export function headerLines(target: Target, headers: Headers): string {
  let lines = headers.host === undefined ? `host: ${authority(target)}\r\n` : '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return `${lines}\r\n`;
}

function badHeader(text: string): FetchError {
  return new FetchError('bad-request-header', text);
}
