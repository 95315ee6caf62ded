import { constants, type ServerHttp2Session } from 'node:http2';
import { replyError, replyJson, untyped } from '../answers.ts';
import type { ServerExchange } from '../exchange.ts';
import { echo } from '../routes/echo.ts';
import type { Fault } from './fault.ts';

/** Refusals that are said in HTTP itself, and answers that lead nowhere. */
export const REFUSING: readonly Fault[] = [
  ...[429, 500, 502, 503, 504].map(busy),
  { name: 'refuse-stream', about: 'RST_STREAM with REFUSED_STREAM', only: 'h2', happen: refuseStream },
  { name: 'goaway', about: 'a good answer, and GOAWAY', only: 'h2', happen: goaway },
  {
    name: 'goaway-lost',
    about: 'GOAWAY that says this request was not looked at',
    only: 'h2',
    happen: goawayLost,
  },
  {
    name: 'redirect-circle',
    about: 'a redirect to /fault/redirect-back, which redirects here',
    happen: circle,
  },
  { name: 'redirect-back', about: 'its other half', happen: circle },
  { name: 'early-hints', about: 'no fault, but 103 before the answer', happen: earlyHints },
];

function busy(status: number): Fault {
  return {
    name: String(status),
    about: `?retry-after=1: ${status}, with Retry-After when given`,
    happen: (exchange, query) => {
      const after = query.get('retry-after');
      const fields = after === null ? [] : ['Retry-After', after.replace(/[^\x20-\x7e]/g, '')];
      replyError(exchange, status, undefined, ...fields);
    },
  };
}

function refuseStream(exchange: ServerExchange): void {
  exchange.stream?.close(constants.NGHTTP2_REFUSED_STREAM);
}

function goaway(exchange: ServerExchange): void {
  replyJson(exchange, echo(exchange));
  sessionOf(exchange)?.close();
}

function goawayLost(exchange: ServerExchange): void {
  const { stream } = exchange;
  const session = sessionOf(exchange);
  if (!stream || !session) return;
  // Everything after the last stream named may be tried again elsewhere (RFC 9113 §6.8).
  session.goaway(constants.NGHTTP2_NO_ERROR, Math.max(0, (stream.id ?? 1) - 2));
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

function sessionOf(exchange: ServerExchange): ServerHttp2Session | undefined {
  return exchange.stream?.session as ServerHttp2Session | undefined;
}

function circle(exchange: ServerExchange): void {
  const next = exchange.path.endsWith('circle') ? '/fault/redirect-back' : '/fault/redirect-circle';
  exchange.reply(302, untyped('Location', next), '');
}

function earlyHints(exchange: ServerExchange): void {
  if (exchange.stream) exchange.stream.additionalHeaders({ ':status': 103, link: '</get>; rel=preload' });
  else exchange.socket.write('HTTP/1.1 103 Early Hints\r\nLink: </get>; rel=preload\r\n\r\n');
  replyJson(exchange, echo(exchange));
}
