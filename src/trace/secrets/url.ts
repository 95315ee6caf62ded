import { isSecretName, isSecretParameter } from './names.ts';
import { HIDDEN, looksSecret, replaceKnown } from './values.ts';

/**
 * A URL without its secrets: the password, values of path parameters, query and fragment that are credentials by name
 * or by shape, tokens in the path. All else stays as it is, byte by byte; it need not parse. Each URL of a run comes
 * through here.
 */
export function redactUrl(url: string): string {
  const plain = url.includes('@') ? redactUserinfo(url) : url;
  const from = plain.search(/[?#]/);
  if (from === -1) return redactPath(plain);
  return redactPath(plain.slice(0, from)) + redactParameters(plain.slice(from));
}

/** RFC 3986 §3.3: a segment may have parameters, as in `;jsessionid=1`. */
function redactPath(path: string): string {
  const known = replaceKnown(path);
  return known.includes(';') ? known.replace(/[^/]*;[^/]*/g, (segment) => redactParameters(segment)) : known;
}

/** A login is between two slashes and the last '@' before the next slash. */
const LOGIN = /(?<=[/\\]{2})[^/\\?#]+(?=@)/g;
/** A URL parser needs no slashes after the schemes it knows, and people leave out the scheme. */
const BARE_LOGIN = /^(?!mailto:)(\s*(?:(?:https?|wss?|ftp):[/\\]?)?)([^/\\?#@:]*:[^/\\?#]+)(?=@)/i;
/** A password with a raw '/', '?' or '#' is not valid, but people type it: no port follows the colon. */
const ODD_PASSWORD = /^([^/\\?#@]*[/\\]{2}[^/\\?#@:[]*:)(?!\d*(?:[/\\?#]|$))[^@/\\?#]*[/\\?#].*(?=@)/s;

/** RFC 3986 §3.2.1. */
function redactUserinfo(url: string): string {
  return url
    .replace(ODD_PASSWORD, `$1${HIDDEN}`)
    .replace(BARE_LOGIN, (_, before: string, login: string) => before + redactLogin(login))
    .replace(LOGIN, redactLogin);
}

/** 'user:password': with an empty password the user is the credential, as Stripe has it. */
function redactLogin(login: string): string {
  const colon = login.indexOf(':');
  if (colon === -1) return looksSecret(login) ? HIDDEN : login;
  if (colon === login.length - 1 || /^x-oauth-basic$|^x-access-token$/.test(login.slice(colon + 1)))
    return HIDDEN + login.slice(colon);
  const user = login.slice(0, colon);
  return `${looksSecret(user) ? HIDDEN : user}:${HIDDEN}`;
}

/** '?a=1&token=x#id_token=y', or the same without what begins it. No work where nothing is secret. */
export function redactParameters(text: string): string {
  let kept = '';
  let keptTo = 0;
  for (let equals = text.indexOf('='); equals !== -1; equals = text.indexOf('=', equals + 1)) {
    const end = endOfValue(text, equals + 1);
    if (holdsSecret(text, equals, end)) {
      kept += text.slice(keptTo, equals + 1) + HIDDEN;
      keptTo = end;
    }
    equals = end - 1;
  }
  return keptTo === 0 ? text : kept + text.slice(keptTo);
}

function holdsSecret(text: string, equals: number, end: number): boolean {
  if (end === equals + 1) return false;
  if (isSecretEncoded(text.slice(startOfName(text, equals), equals))) return true;
  if (end - equals <= 6) return false; // too short for a secret by shape, and for a URL with a password
  const value = text.slice(equals + 1, end);
  return looksSecret(value) || (/[%="]|\/\//.test(value) && wrapsSecret(value));
}

/** How often a value is decoded, as it may have been handed on from one login page to the next. */
const MOST_LAYERS = 5;

/** A value may itself be a URL, parameters or JSON, and be encoded again and again. */
function wrapsSecret(value: string): boolean {
  let inner = value;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    if (inner.includes('//') && inner.includes('@') && redactUserinfo(inner) !== inner) return true;
    if (inner.split(/[?&;#]/).some(isSecretPair) || hasSecretMember(inner)) return true;
    const outer = inner;
    inner = decoded(outer);
    if (inner === outer) return false;
  }
  return false;
}

/** 'token=x', 'a=token=x', or a token alone. */
function isSecretPair(pair: string): boolean {
  const names = pair.split('=');
  const value = names.pop()!;
  return (
    looksSecret(pair) ||
    looksSecret(value) ||
    (value !== '' && value !== HIDDEN && names.some(isSecretEncoded))
  );
}

/** JSON as '{"token":"x"}'. */
function hasSecretMember(text: string): boolean {
  const parts = text.split('"');
  return parts.some((name, at) => /^ *:/.test(parts[at + 1] ?? '') && isSecretName(name));
}

function startOfName(text: string, equals: number): number {
  let at = equals;
  while (at > 0 && !isSeparator(text.charCodeAt(at - 1))) at--;
  return at;
}

function endOfValue(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSeparator(text.charCodeAt(at))) at++;
  return at;
}

/** One of '?', '&', ';', '#'. */
function isSeparator(code: number): boolean {
  return code === 63 || code === 38 || code === 59 || code === 35;
}

function isSecretEncoded(name: string): boolean {
  return isSecretParameter(decoded(name));
}

/** Each %XX as the character of that number: enough to tell names and shapes, and nothing is too broken for it. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
