import { validateHeaderName, validateHeaderValue } from 'node:http';
import { asJson, JSON_TYPE, replyJson, replyText, untyped } from '../answers.ts';
import { BadRequest, type Route, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { argsOf, echo, headersOf, originOf, sorted } from './echo.ts';
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

function get(exchange: ServerExchange): void {
  replyJson(exchange, echo(exchange));
}

async function anything(exchange: ServerExchange): Promise<void> {
  replyJson(exchange, await echoWithBody(exchange));
}

function headers(exchange: ServerExchange): void {
  replyJson(exchange, { headers: headersOf(exchange) });
}

function ip(exchange: ServerExchange): void {
  replyJson(exchange, { origin: originOf(exchange) });
}

function userAgent(exchange: ServerExchange): void {
  replyJson(exchange, { 'user-agent': exchange.header('user-agent') ?? '' });
}

function responseHeaders(exchange: ServerExchange): void {
  const args = argsOf(exchange);
  const type = Object.keys(args).find((name) => name.toLowerCase() === 'content-type');
  const given = type === undefined ? sorted({ ...args, 'Content-Type': [JSON_TYPE] }) : args;
  const fields = Object.entries(given).flatMap(([name, values]) =>
    values.flatMap((value) => field(name, value)),
  );
  exchange.reply(200, untyped(...fields), asJson(given));
}

/** @throws BadRequest for what HTTP can't carry. */
function field(name: string, value: string): [string, string] {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    throw new BadRequest((error as Error).message);
  }
  return [name, value];
}

/** A route for one method; HEAD goes wherever GET does (RFC 9110 §9.3.2). */
function only(method: string, route: Route): Route {
  return (exchange, ...parameters) => {
    const allowed = exchange.method === method || (method === 'GET' && exchange.method === 'HEAD');
    if (allowed) return route(exchange, ...parameters);
    const allow = method === 'GET' ? 'GET, HEAD' : method;
    return replyText(exchange, 405, 'Method Not Allowed', 'Allow', allow);
  };
}
