import { createHash } from 'node:crypto';
import { asJson, replyJson, TEXT_TYPE, typed, untyped } from '../answers.ts';
import type { RouteEntry, ServerExchange } from '../exchange.ts';
import { echo } from './echo.ts';
import { wholeNumber } from './parameters.ts';

/** Answers that may be kept. */
export const CACHEABLE: readonly RouteEntry[] = [
  { pattern: '/cache', about: '304 for any condition, else the request with validators', route: cache },
  { pattern: '/cache/:seconds', about: 'the request, to be kept that long', route: cacheFor },
  { pattern: '/etag/:tag', about: '304 or 412 by If-None-Match and If-Match', route: etag },
];

function cache(exchange: ServerExchange): void {
  if (exchange.header('if-modified-since') || exchange.header('if-none-match')) {
    exchange.reply(304, untyped(), '');
    return;
  }
  const modified = new Date().toUTCString();
  const tag = createHash('sha1').update(modified).digest('hex');
  replyJson(exchange, echo(exchange), 200, 'Last-Modified', modified, 'ETag', tag);
}

function cacheFor(exchange: ServerExchange, wanted: string): void {
  const seconds = wholeNumber('seconds', wanted, 0, 10 ** 9);
  replyJson(exchange, echo(exchange), 200, 'Cache-Control', `public, max-age=${seconds}`);
}

function etag(exchange: ServerExchange, tag: string): void {
  const own = `"${tag.replace(/[^\x21-\x7e]|"/g, '')}"`;
  const fields = typed(TEXT_TYPE, 'ETag', own, 'Last-Modified', new Date().toUTCString());
  const mustMatch = exchange.header('if-match');
  const mustNotMatch = exchange.header('if-none-match');
  if (mustMatch !== undefined && !lists(mustMatch, own)) exchange.reply(412, fields, '');
  else if (mustNotMatch !== undefined && lists(mustNotMatch, own))
    exchange.reply(304, untyped('ETag', own), '');
  else exchange.reply(200, fields, asJson(echo(exchange)));
}

/** Whether a list of entity tags has this one, weak or strong (RFC 9110 §13.1). */
function lists(field: string, own: string): boolean {
  return field.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === own);
}
