/**
 * Keeps credentials out of everything that is written: traces, results, logs, summaries, pages.
 * What is replaced reads `***`; replacing twice changes nothing more.
 */
const HIDDEN = '***';

/** Names whose value is a credential, whatever it looks like: words in lower case, without separators. */
const SECRET_NAME = new RegExp(
  [
    'token$',
    'secret',
    'passw(or)?d',
    'passphrase',
    '^(user)?pass$',
    '^pwd$',
    '(api|access|private|signing|secret|session|encryption|account)key(id)?$',
    'signature$',
    '^sig$',
    'credentials?$',
    '^(x|http|proxy|basic|bearer)?auth(orization|entication)?$',
    'auth(key|code|hash|ticket)$',
    '^authorization',
    'jwt',
    'bearer',
    '^(php)?sess(ion)?id$',
    '^session$',
    '^sid$',
    'cookie',
    '^otp$',
  ].join('|'),
);

/** Tokens that say what they are by how they begin (GitHub, GitLab, Slack, Stripe, OpenAI, AWS, Google, npm, …), and JWTs (RFC 7519 §3). */
const KNOWN_TOKEN =
  /(?<![A-Za-z0-9])(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|[sr]k_(?:live|test)_\w{8,}|sk-[\w-]{16,}|A[KS]IA[A-Z0-9]{12,}|AIza[\w-]{30,}|ya29\.[\w.-]{16,}|npm_\w{30,}|pypi-[\w-]{16,}|hf_\w{20,}|dop_v1_\w{16,}|eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*)/g;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>`]+/gi;

/** Whether a parameter, option, header or variable of this name holds a credential. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/** Whether a value looks like a credential by itself: long, and of the mix that chance makes. UUIDs are ids. */
export function looksSecret(value: string): boolean {
  if (value.length < 16) return false;
  if (replaceKnown(value) !== value) return true;
  if (/^[0-9a-f]{32,}$/i.test(value)) return /[0-9]/.test(value) && /[a-f]/i.test(value);
  return (
    value.length >= 24 &&
    /^[\w+/.~-]+=*$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /[0-9].*[0-9]/.test(value) &&
    !UUID.test(value)
  );
}

/**
 * A URL without its secrets: the password, values of the query and the fragment that are credentials by name or
 * by shape, tokens in the path. All else stays as it is, byte by byte; it need not parse.
 */
export function redactUrl(url: string): string {
  const plain = hasUserinfo(url) ? redactUserinfo(url) : url;
  const query = plain.indexOf('?');
  const from = query === -1 ? plain.indexOf('#') : query;
  if (from === -1) return replaceKnown(plain);
  return replaceKnown(plain.slice(0, from)) + redactParameters(plain.slice(from));
}

/** '@' is common in paths, so it counts only before the path, or where no port could stand. */
function hasUserinfo(url: string): boolean {
  return url.includes('@') && url.includes('//');
}

/** RFC 3986 §3.2.1. A password with a raw '/' is not valid, but people type it. */
function redactUserinfo(url: string): string {
  const parts = /^([^/?#]*\/\/)([^/?#\\]*)(.*)$/s.exec(url);
  if (parts === null) return url;
  const [, scheme, authority, rest] = parts as unknown as [string, string, string, string];
  const at = authority.lastIndexOf('@');
  if (at !== -1) return scheme + redactLogin(authority.slice(0, at)) + authority.slice(at) + rest;
  const colon = authority.indexOf(':');
  const after = rest.lastIndexOf('@');
  if (colon === -1 || after === -1 || /^(\[.*\])?:?\d*$/.test(authority.slice(colon))) return url;
  return `${scheme}${authority.slice(0, colon)}:${HIDDEN}${rest.slice(after)}`;
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

/** '?a=1&token=x#id_token=y'. Every URL of a run comes through here: no work where nothing is secret. */
function redactParameters(text: string): string {
  let kept = '';
  let keptTo = 0;
  for (let equals = text.indexOf('='); equals !== -1; equals = text.indexOf('=', equals + 1)) {
    const end = endOfValue(text, equals + 1);
    if (isSecretParameter(text, equals, end)) {
      kept += text.slice(keptTo, equals + 1) + HIDDEN;
      keptTo = end;
    }
    equals = end - 1;
  }
  return keptTo === 0 ? text : kept + text.slice(keptTo);
}

function isSecretParameter(text: string, equals: number, end: number): boolean {
  if (end === equals + 1) return false;
  if (isSecretParameterName(text.slice(startOfName(text, equals), equals))) return true;
  if (end - equals <= 6) return false; // nothing is told by shape, and no URL with a password is so short
  const value = text.slice(equals + 1, end);
  if (looksSecret(value)) return true;
  if (!value.includes('%') && !value.includes('//')) return false;
  const inner = decoded(value);
  return looksSecret(inner) || (inner.includes('//') && redactUrl(inner) !== inner);
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

/** The URLs of a run have few different names, so the answers are kept. */
const knownNames = new Map<string, boolean>();

function isSecretParameterName(name: string): boolean {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const secret = isSecretName(decoded(name));
  if (knownNames.size < 1_000) knownNames.set(name, secret);
  return secret;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** 13 of [\w-] in a row: what KNOWN_TOKEN needs at least, and most URLs don't have. A loop is 8 times as fast as a pattern. */
function hasLongWord(text: string): boolean {
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isWord = code >= 48 ? code !== 58 && code !== 63 : code === 45;
    run = isWord ? run + 1 : 0;
    if (run === 13) return true;
  }
  return false;
}

function replaceKnown(text: string): string {
  return hasLongWord(text) ? text.replace(KNOWN_TOKEN, HIDDEN) : text;
}

/** A header's value, or `***` where it is a credential: authorization, cookies, API keys. */
export function redactHeader(name: string, value: string): string {
  return isSecretName(name) || looksSecret(value) ? HIDDEN : value;
}

/** Options whose value is a credential or holds one: curl's, and those of programs like it. */
const HEADER_OPTION = /^(-H|--header|--proxy-header)$/;
const LOGIN_OPTION = /^(-u|-U|--user|--proxy-user)$/;
const OPTION_WITH_VALUE = /^(--?[\w-]+)=(.*)$/s;

/** Command-line arguments without their secrets; each argument may itself be a command, as after `sh -c`. */
export function redactArgv(argv: readonly string[]): string[] {
  return argv.map((argument, index) => redactArgument(argument, index > 0 ? argv[index - 1]! : ''));
}

function redactArgument(argument: string, before: string): string {
  if (before.startsWith('-')) {
    if (HEADER_OPTION.test(before)) return redactHeaderLine(argument);
    if (LOGIN_OPTION.test(before)) return redactLoginOption(argument);
    if (isSecretOption(before) && !argument.startsWith('-')) return HIDDEN;
  }
  const glued = /^-H(?=[\w-]+:)(.*)$/s.exec(argument);
  if (glued) return `-H${redactHeaderLine(glued[1]!)}`;
  const login = /^-[uU](?![^:]*=)(?=[^-].*:)(.*)$/s.exec(argument);
  if (login) return argument.slice(0, 2) + HIDDEN;
  const option = OPTION_WITH_VALUE.exec(argument);
  if (option) return `${option[1]}=${redactArgument(option[2]!, option[1]!)}`;
  return redactText(argument);
}

function isSecretOption(option: string): boolean {
  return /^-b$|^--[\w-]+$/.test(option) && (option === '-b' || isSecretName(option));
}

/** curl reads '-u name' as a name without password (and Python reads -u as 'unbuffered'): no secret in that. */
function redactLoginOption(value: string): string {
  return value.includes(':') || looksSecret(value) ? HIDDEN : value;
}

/** 'name: value' as after -H; its value is kept only where everybody sends it. */
function redactHeaderLine(line: string): string {
  const colon = line.indexOf(':');
  if (colon === -1) return line.startsWith('@') ? line : HIDDEN;
  const name = line.slice(0, colon);
  return /^(accept|accept-.*|content-type|user-agent|host|connection|cache-control|range)$/i.test(name.trim())
    ? line
    : `${name}: ${HIDDEN}`;
}

const HEADER_IN_TEXT =
  /\b((?:[\w-]*-)?(?:authorization|cookie|token|api-key|secret|password))(["']?\s*:\s*["']?)([^\r\n'"]+)/gi;
const SCHEME_IN_TEXT = /\b(bearer|basic|digest|negotiate)\s+(?!realm)[\w.~+/=:-]{8,}/gi;
const ASSIGNMENT = /(?<![\w&?])(-{0,2}[A-Za-z][\w.-]*)(=|["']\s*[:=]\s*["']|=["'])([^\s'"&]+)/g;
const LOGIN_IN_TEXT = /(\s(?:-[uU]\s*|--(?:proxy-)?user[ =])["']?)([^\s'":=]+:[^\s'"]*)/g;
const OPTION_IN_TEXT = /(--[\w-]+)(\s+["']?)([^\s'"-][^\s'"]*)/g;
const HEADER_OPTION_IN_TEXT = /(\s-H\s*|--header[ =])("[^"]*"|'[^']*'|[^\s'"]+)/g;

/** Any text (a message, a command in one string) without the secrets that can be told in it. */
export function redactText(text: string): string {
  if (text.length < 5) return text;
  return replaceKnown(text)
    .replace(URL_IN_TEXT, redactUrl)
    .replace(HEADER_OPTION_IN_TEXT, (_, option: string, line: string) => option + redactQuoted(line))
    .replace(HEADER_IN_TEXT, `$1$2${HIDDEN}`)
    .replace(SCHEME_IN_TEXT, `$1 ${HIDDEN}`)
    .replace(LOGIN_IN_TEXT, `$1${HIDDEN}`)
    .replace(OPTION_IN_TEXT, (whole, option: string, gap: string) =>
      isSecretName(option) ? option + gap + HIDDEN : whole,
    )
    .replace(ASSIGNMENT, (whole, name: string, equals: string, value: string) =>
      isSecretVariable(name) || looksSecret(value) ? name + equals + HIDDEN : whole,
    );
}

/** In an environment, *_KEY is a secret; in a query, `key` is mostly a name. */
function isSecretVariable(name: string): boolean {
  return /_key$/i.test(name) || isSecretName(name);
}

function redactQuoted(line: string): string {
  const quote = /^["']/.test(line) ? line[0]! : '';
  return quote === '' ? redactHeaderLine(line) : quote + redactHeaderLine(line.slice(1, -1)) + quote;
}
