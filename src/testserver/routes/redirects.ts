import { untyped } from '../answers.ts';
import { BadRequest, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { queryOf, wholeNumber } from './parameters.ts';

/** Answers that send the client elsewhere. */
export const REDIRECTS: readonly RouteEntry[] = [
  { pattern: '/redirect/:count', about: 'that many redirects, then /get; ?absolute=true', route: redirect },
  { pattern: '/relative-redirect/:count', about: 'likewise, by path', route: relative },
  { pattern: '/absolute-redirect/:count', about: 'likewise, by whole URL', route: absolute },
  { pattern: '/redirect-to', about: '?url=/get&status_code=302: one redirect to there', route: redirectTo },
];

function redirect(exchange: ServerExchange, count: string): void {
  if (queryOf(exchange).get('absolute')?.toLowerCase() === 'true') absolute(exchange, count);
  else relative(exchange, count);
}

function relative(exchange: ServerExchange, count: string): void {
  send(exchange, next('relative-redirect', count));
}

function absolute(exchange: ServerExchange, count: string): void {
  send(exchange, `${exchange.scheme}://${exchange.host}${next('absolute-redirect', count)}`);
}

function next(route: string, count: string): string {
  const left = wholeNumber('redirect count', count, 1, 1_000_000) - 1;
  return left === 0 ? '/get' : `/${route}/${left}`;
}

function redirectTo(exchange: ServerExchange): void {
  const query = queryOf(exchange);
  const url = query.get('url');
  if (!url) throw new BadRequest('missing required query parameter: url');
  // A line feed would let a link write fields of its own into the answer.
  if (!/^[^\p{Cc}]+$/u.test(url)) throw new BadRequest('invalid url: control characters');
  const ascii = url.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  send(exchange, ascii, wholeNumber('status code', query.get('status_code') || '302', 300, 399));
}

function send(exchange: ServerExchange, location: string, status = 302): void {
  exchange.reply(status, untyped('Location', location), '');
}
