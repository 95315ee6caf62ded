import { asJson, JSON_TYPE, replyJson, TEXT_TYPE, typed, untyped } from '../answers.ts';
import type { Exchange, Route, RouteEntry } from '../exchange.ts';
import { echo, headersOf, originOf } from './echo.ts';
import { queryOf } from './parameters.ts';
import { echoWithBody } from './posted.ts';

/** What the server sees of a request. */
export const INSPECTING: readonly RouteEntry[] = [
  { pattern: '/get', about: 'the request: args, headers, method, origin, url', route: only('GET', get) },
  { pattern: '/head', about: 'the same for HEAD', route: only('HEAD', get) },
  { pattern: '/post', about: 'the request and its body', route: only('POST', anything) },
  { pattern: '/put', about: 'likewise', route: only('PUT', anything) },
  { pattern: '/patch', about: 'likewise', route: only('PATCH', anything) },
  { pattern: '/delete', about: 'likewise', route: only('DELETE', anything) },
  { pattern: '/anything/*', about: 'the request and its body, for any method and path', route: anything },
  { pattern: '/headers', about: 'the fields of the request', route: headers },
  { pattern: '/ip', about: "the client's address", route: ip },
  { pattern: '/user-agent', about: "the client's name", route: userAgent },
  { pattern: '/response-headers', about: '?Name=value: an answer with these fields', route: responseHeaders },
];

function get(exchange: Exchange): void {
  replyJson(exchange, echo(exchange));
}

async function anything(exchange: Exchange): Promise<void> {
  replyJson(exchange, await echoWithBody(exchange));
}

function headers(exchange: Exchange): void {
  replyJson(exchange, { headers: headersOf(exchange) });
}

function ip(exchange: Exchange): void {
  replyJson(exchange, { origin: originOf(exchange) });
}

function userAgent(exchange: Exchange): void {
  replyJson(exchange, { 'user-agent': exchange.header('user-agent') ?? '' });
}

function responseHeaders(exchange: Exchange): void {
  const given = [...queryOf(exchange)];
  const hasType = given.some(([name]) => name.toLowerCase() === 'content-type');
  if (!hasType) given.push(['Content-Type', JSON_TYPE]);
  const body: Record<string, string[]> = Object.create(null);
  for (const [name, value] of given) body[name] = [...(body[name] ?? []), value];
  exchange.reply(200, untyped(...given.flat()), asJson(body));
}

/** A route for one method; HEAD goes wherever GET does (RFC 9110 §9.3.2). */
function only(method: string, route: Route): Route {
  return (exchange, ...parameters) => {
    const allowed = exchange.method === method || (method === 'GET' && exchange.method === 'HEAD');
    if (allowed) return route(exchange, ...parameters);
    const allow = method === 'GET' ? 'GET, HEAD' : method;
    return exchange.reply(405, typed(TEXT_TYPE, 'Allow', allow), 'Method Not Allowed\n');
  };
}
