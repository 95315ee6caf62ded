import { replyError, replyJson, untyped } from '../answers.ts';
import type { RouteEntry, ServerExchange } from '../exchange.ts';
import { queryOf } from './parameters.ts';

/** Who the client is: logins and cookies. */
export const IDENTITY: readonly RouteEntry[] = [
  { pattern: '/basic-auth/:user/:password', about: '200 with this login, else 401', route: basicAuth },
  {
    pattern: '/hidden-basic-auth/:user/:password',
    about: '200 with this login, else 404',
    route: hiddenAuth,
  },
  { pattern: '/bearer', about: '200 with any bearer token, else 401', route: bearer },
  { pattern: '/cookies', about: 'the cookies of the request', route: cookies },
  { pattern: '/cookies/set', about: '?name=value: sets them, then /cookies', route: setCookies },
  { pattern: '/cookies/delete', about: '?name: deletes them, then /cookies', route: deleteCookies },
];

interface Login {
  readonly user: string;
  readonly password: string;
}

function loginOf(exchange: ServerExchange): Login {
  const [scheme, credentials] = exchange.header('authorization')?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic') return { user: '', password: '' };
  const text = Buffer.from(credentials ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: '', password: '' }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function basicAuth(exchange: ServerExchange, user: string, password: string): void {
  const login = loginOf(exchange);
  const authorized = login.user === user && login.password === password;
  const answer = { authorized, user: login.user };
  if (authorized) replyJson(exchange, answer);
  else replyJson(exchange, answer, 401, 'WWW-Authenticate', 'Basic realm="Fake Realm"');
}

function hiddenAuth(exchange: ServerExchange, user: string, password: string): void {
  const login = loginOf(exchange);
  if (login.user === user && login.password === password) replyJson(exchange, { authorized: true, user });
  else replyError(exchange, 404);
}

function bearer(exchange: ServerExchange): void {
  const [scheme, token, ...rest] = exchange.header('authorization')?.trim().split(/\s+/) ?? [];
  if (scheme === 'Bearer' && token !== undefined && rest.length === 0) {
    replyJson(exchange, { authenticated: true, token });
  } else {
    replyError(exchange, 401, undefined, 'WWW-Authenticate', 'Bearer');
  }
}

function cookies(exchange: ServerExchange): void {
  const found: Record<string, string> = Object.create(null);
  // HTTP/2 may cut the field at its semicolons (RFC 9113 §8.2.3), which come back joined by commas.
  for (const pair of (exchange.header('cookie') ?? '').split(/[;,] */)) {
    const equals = pair.indexOf('=');
    if (equals > 0) found[pair.slice(0, equals)] = pair.slice(equals + 1).replace(/^"(.*)"$/, '$1');
  }
  replyJson(exchange, found);
}

function setCookies(exchange: ServerExchange): void {
  toCookies(exchange, (name, value) => `${name}=${value}; HttpOnly`);
}

function deleteCookies(exchange: ServerExchange): void {
  const past = new Date(Date.now() - 365 * 86_400_000).toUTCString();
  toCookies(exchange, (name, value) => `${name}=${value}; Expires=${past}; Max-Age=0; HttpOnly`);
}

function toCookies(exchange: ServerExchange, cookie: (name: string, value: string) => string): void {
  // What may stand in neither a name nor a value (RFC 6265 §4.1.1) would end the cookie, or the field.
  const clean = (text: string) => text.replace(/[^\x21-\x7e]|[",;\\]/g, '');
  const set = [...queryOf(exchange)].flatMap(([name, value]) => [
    'Set-Cookie',
    cookie(clean(name), clean(value)),
  ]);
  exchange.reply(302, untyped('Location', '/cookies', ...set), '');
}
