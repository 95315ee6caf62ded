import { STATUS_CODES } from 'node:http';
import type { Fields, ServerExchange } from './exchange.ts';

/** What go-httpbin says with every answer, so that pages of other origins may read it. */
const EVERY_ANSWER = [
  'Access-Control-Allow-Credentials',
  'true',
  'Access-Control-Allow-Origin',
  '*',
] as const;

/** Fields of an answer whose body has a type; more may follow. Made once where they don't change. */
export function typed(contentType: string, ...more: string[]): Fields {
  return [...EVERY_ANSWER, 'Content-Type', contentType, ...more];
}

/** Fields of an answer without a type. */
export function untyped(...more: string[]): Fields {
  return [...EVERY_ANSWER, ...more];
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const HTML_TYPE = 'text/html; charset=utf-8';
export const BYTES_TYPE = 'application/octet-stream';

const JSON_FIELDS = typed(JSON_TYPE);

/** A value as go-httpbin writes JSON: indented by two, ended by a line feed. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Answers with a value as JSON. */
export function replyJson(exchange: ServerExchange, value: unknown, status = 200, ...more: string[]): void {
  exchange.reply(status, more.length === 0 ? JSON_FIELDS : [...JSON_FIELDS, ...more], asJson(value));
}

/** Answers with a line of text, as Go's own server does for a route or a method that is not there. */
export function replyText(exchange: ServerExchange, status: number, line: string, ...more: string[]): void {
  exchange.reply(status, typed(TEXT_TYPE, 'X-Content-Type-Options', 'nosniff', ...more), `${line}\n`);
}

/** Answers that the request can't be had, with the reason in the shape of go-httpbin's errors. */
export function replyError(
  exchange: ServerExchange,
  status: number,
  detail?: string,
  ...more: string[]
): void {
  const error = STATUS_CODES[status] ?? '';
  replyJson(exchange, { status_code: status, error, detail }, status, ...more);
}
