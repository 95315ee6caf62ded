import { constants } from 'node:http2';
import { BYTES_TYPE, typed, untyped } from '../answers.ts';
import type { ServerExchange } from '../exchange.ts';
import { wholeNumber } from '../routes/parameters.ts';
import { pause, written } from '../writing.ts';
import type { Fault } from './fault.ts';

/** Answers that break off, don't end, or never come. */
export const BREAKING: readonly Fault[] = [
  {
    name: 'reset-connection',
    about: 'a TCP reset instead of an answer',
    happen: (exchange) => exchange.resetConnection(),
  },
  {
    name: 'reset-in-header',
    about: 'a reset in the head (h2: of the stream, before it)',
    happen: resetInHeader,
  },
  { name: 'reset-in-body', about: '?bytes=1000: a reset after half of them', happen: resetInBody },
  {
    name: 'close',
    about: 'the connection closed instead of an answer',
    happen: (exchange) => void exchange.socket.end(),
  },
  {
    name: 'close-after',
    about: 'a good answer, then the connection closed without a word',
    happen: closeAfter,
  },
  { name: 'cut-body', about: '?bytes=1000: the end after half of them', happen: cutBody },
  { name: 'long-body', about: '?bytes=1000: ten more than announced', happen: longBody },
  { name: 'endless-body', about: 'a body without end', happen: endlessBody },
  { name: 'silence', about: 'no answer, ever', happen: () => {} },
];

function sizeOf(query: URLSearchParams): number {
  return wholeNumber('bytes', query.get('bytes') ?? '1000', 2, 1e8);
}

const FIELDS = typed(BYTES_TYPE);

function announcing(length: number): readonly string[] {
  return [...FIELDS, 'Content-Length', String(length)];
}

async function resetInHeader(exchange: ServerExchange): Promise<void> {
  if (exchange.stream) {
    exchange.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  await arrived(exchange, 'HTTP/1.1 200 OK\r\nContent-Type: text/pl');
  exchange.resetConnection();
}

async function resetInBody(exchange: ServerExchange, query: URLSearchParams): Promise<void> {
  const size = sizeOf(query);
  const body = exchange.open(200, announcing(size));
  if (!(await written(body, Buffer.alloc(size >> 1)))) return;
  await pause(LET_IT_ARRIVE_MS);
  // Not `close`, which would end the body first.
  if (exchange.stream) exchange.stream.destroy(new Error('reset in the body, as asked'));
  else exchange.resetConnection();
}

async function cutBody(exchange: ServerExchange, query: URLSearchParams): Promise<void> {
  const size = sizeOf(query);
  const body = exchange.open(200, announcing(size));
  if (!(await written(body, Buffer.alloc(size >> 1)))) return;
  if (exchange.stream) exchange.stream.end();
  else exchange.socket.end();
}

async function longBody(exchange: ServerExchange, query: URLSearchParams): Promise<void> {
  const size = sizeOf(query);
  const more = 10;
  if (exchange.stream) {
    exchange.open(200, announcing(size)).end(Buffer.alloc(size + more));
    return;
  }
  await written(
    exchange.socket,
    `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size + more)}`,
  );
  // Open for a while: a client that doesn't look takes the surplus for the head of its next answer.
  await pause(1000);
  exchange.socket.destroy();
}

function closeAfter(exchange: ServerExchange): void {
  exchange.reply(200, untyped(), 'ok');
  if (exchange.stream) exchange.stream.once('close', () => exchange.socket.end());
  else exchange.socket.end();
}

async function endlessBody(exchange: ServerExchange): Promise<void> {
  const body = exchange.open(200, FIELDS);
  const chunk = Buffer.alloc(16 * 1024);
  // Each round gives way to the other requests, so that this one can't starve them.
  while (await written(body, chunk)) await pause(1);
}

/** A reset discards what was not read yet (RFC 9293 §3.10.7.4), so what is to be seen before has to arrive. */
const LET_IT_ARRIVE_MS = 20;

async function arrived(exchange: ServerExchange, text: string): Promise<void> {
  if (await written(exchange.socket, text)) await pause(LET_IT_ARRIVE_MS);
}
