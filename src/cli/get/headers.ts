import { readFileSync } from 'node:fs';
import { UsageError } from '../usage.ts';

/** RFC 9110 §5.6.2: what a field name is made of. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The headers of -H, -u and the files they name; names in lower case, a repeated one's values joined.
 * @throws UsageError without the value, which may be a secret.
 */
export function readHeaders(lines: readonly string[], user: string | undefined): Record<string, string> {
  const headers = new Map<string, string>();
  for (const { line, place } of lines.flatMap(expandFile)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon === -1 || !FIELD_NAME.test(name))
      throw new UsageError(`${place}: a header is 'Name: value', or @FILE with such lines.`);
    const value = fillIn(line.slice(colon + 1).trim(), `${place} ${name}`);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  if (user !== undefined && !headers.has('authorization'))
    headers.set('authorization', basic(fillIn(user, '-u')));
  return Object.fromEntries(headers);
}

interface HeaderLine {
  readonly line: string;
  readonly place: string;
}

/** '@-' is standard input, as with curl. */
export const HEADERS_FROM_STDIN = '@-';

function expandFile(value: string): readonly HeaderLine[] {
  if (!value.startsWith('@')) return [{ line: value, place: '-H' }];
  const isStdin = value === HEADERS_FROM_STDIN;
  const name = isStdin ? 'standard input' : value.slice(1);
  return readOptionFile('-H', isStdin ? STDIN : name)
    .toString('utf8')
    .split(/\r\n?|\n/)
    .map((line, at) => ({ line, place: `${name}:${at + 1}` }))
    .filter(({ line }) => line.trim() !== '');
}

/** A descriptor: what /dev/stdin names can't be opened where it is a socket. */
const STDIN = 0;

/** Reads a file that an option names. @throws UsageError */
export function readOptionFile(option: string, path: string | typeof STDIN): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UsageError(`${option} ${path}: ${reason}.`);
  }
}

/** Replaces '${NAME}' by environment variables, so that the arguments need no secrets. */
function fillIn(text: string, place: string): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined;
    if (value === undefined)
      throw new UsageError(`${place}: there is no variable ${name} in the environment.`);
    return value;
  });
}

/** RFC 7617 §2. */
function basic(login: string): string {
  if (!login.includes(':')) throw new UsageError(`-u: a login is 'user:password', or 'user:\${PASSWORD}'.`);
  return `Basic ${Buffer.from(login, 'utf8').toString('base64')}`;
}
