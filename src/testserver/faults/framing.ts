import type { ServerExchange } from '../exchange.ts';
import { durationMs, wholeNumber } from '../routes/parameters.ts';
import { pause, written } from '../writing.ts';
import type { Fault } from './fault.ts';

/** HTTP/1.1 messages that are not as RFC 9112 wants them, byte by byte; then the connection ends. */
export const FRAMING: readonly Fault[] = [
  raw('nonsense', 'bytes that are no HTTP', 'I never learned to speak HTTP.\r\n\r\n'),
  raw('bad-status-line', 'a status that is no number', 'HTTP/1.1 banana OK\r\nContent-Length: 2\r\n\r\nok'),
  raw('bad-version', 'HTTP/9.9', 'HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  raw('bad-header', 'a field line without a colon', withField('This line has no colon')),
  raw('header-space', 'white space between name and colon', withField('X-Spaced : yes')),
  raw('bare-cr', 'a carriage return inside a field', withField('X-Bare: a\rSet-Cookie: smuggled=1')),
  raw('nul-header', 'a NUL inside a field', withField('X-Nul: a\0b')),
  raw('bad-length', 'a content length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'),
  raw('two-lengths', 'two content lengths that differ', withField('Content-Length: 3')),
  raw(
    'both-lengths',
    'a content length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ),
  raw('bad-chunk', 'a chunk size that is no number', chunked('xyz\r\nok\r\n0\r\n\r\n')),
  raw('long-chunk', 'a chunk longer than its size', chunked('2\r\nokay\r\n0\r\n\r\n')),
  raw('cut-chunk', 'no last chunk', chunked('2\r\nok\r\n')),
  raw('until-close', 'no fault, but a body that only the close ends', 'HTTP/1.1 200 OK\r\n\r\nok'),
  { name: 'long-header', about: '?bytes=1000000: one field that long', only: 'http/1.1', happen: longHeader },
  { name: 'slow-header', about: '?pause=100ms: a head byte by byte', only: 'http/1.1', happen: slowHeader },
  {
    name: 'endless-header',
    about: 'field after field, without end',
    only: 'http/1.1',
    happen: endlessHeader,
  },
];

function raw(name: string, about: string, message: string): Fault {
  return {
    name,
    about,
    only: 'http/1.1',
    happen: (exchange) => {
      exchange.socket.end(message, 'latin1');
    },
  };
}

function withField(line: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${line}\r\n\r\nok`;
}

function chunked(body: string): string {
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
}

function longHeader(exchange: ServerExchange, query: URLSearchParams): void {
  const length = wholeNumber('bytes', query.get('bytes') ?? '1000000', 1, 1e8);
  exchange.socket.end(withField(`X-Long: ${'x'.repeat(length)}`));
}

async function slowHeader(exchange: ServerExchange, query: URLSearchParams): Promise<void> {
  const pauseMs = durationMs('pause', query.get('pause') ?? '100ms', 10_000);
  for (const byte of withField('X-Slow: yes')) {
    if (!(await written(exchange.socket, byte))) return;
    await pause(pauseMs);
  }
  exchange.socket.end();
}

async function endlessHeader(exchange: ServerExchange): Promise<void> {
  const { socket } = exchange;
  if (!(await written(socket, 'HTTP/1.1 200 OK\r\n'))) return;
  // Each round gives way to the other requests, so that this one can't starve them.
  for (let line = 0; await written(socket, `X-More-${line}: ${'x'.repeat(1000)}\r\n`); line++) await pause(1);
}
