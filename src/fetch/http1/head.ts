import { redactText } from '../../trace/index.ts';
import { FetchError } from '../errors.ts';
import { type Fields, noFields } from '../fields.ts';

/** Bytes of a head, at most; other clients allow 16 KiB (Node) to 300 KiB (curl). */
export const MAX_HEAD = 64 * 1024;

/** How the end of a body is known (RFC 9112 §6.3): bytes of content-length, chunks, or the connection's end. */
export type Framing = number | 'chunked' | 'until-close';

/** The head of one response: status line and fields, read and checked. */
export interface Head {
  readonly status: number;
  /** Shared by all answers with this head. */
  readonly headers: Fields;
  readonly framing: Framing;
  /** The connection may carry another request after this answer. */
  readonly keepAlive: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 9110 §5.5 is about control characters
const VALUE_REFUSED = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Reads a head (without its closing empty line). Strict where leniency smuggles: no bare CR or LF, no space
 * before the colon, no folded lines, one content-length, never beside transfer-encoding (RFC 9112 §2.2, §5, §6.3).
 * @throws FetchError 'bad-header' naming the line.
 */
export function parseHead(text: string): Head {
  const lines = text.split('\r\n');
  const status = STATUS_LINE.exec(lines[0]!);
  if (!status) throw badHeader('the status line is', lines[0]!);
  const headers = noFields();
  for (let i = 1; i < lines.length; i++) addField(headers, lines[i]!);
  const code = Number(status[2]);
  return {
    status: code,
    headers,
    framing: framingOf(code, headers),
    keepAlive: keepsAlive(status[1] === '1', headers.connection),
  };
}

function addField(headers: Record<string, string>, line: string): void {
  const colon = line.indexOf(':');
  const name = colon > 0 ? line.slice(0, colon) : '';
  if (!NAME.test(name)) throw badHeader('a header line is', line);
  if (VALUE_REFUSED.test(line)) throw badHeader('a header value is', line);
  const value = withoutSpaces(line, colon + 1);
  const key = name.toLowerCase();
  const before = headers[key];
  if (before === undefined) headers[key] = value;
  else if (key === 'content-length') throw badHeader('content-length is there twice:', line);
  // Set-Cookie is the one field whose values can't be joined by commas (RFC 9110 §5.3).
  else headers[key] = before + (key === 'set-cookie' ? '\n' : ', ') + value;
}

/** Spaces and tabs around a value are none of it (RFC 9110 §5.5); String.trim would take more. */
function withoutSpaces(line: string, from: number): string {
  let to = line.length;
  while (from < to && isSpace(line.charCodeAt(from))) from++;
  while (to > from && isSpace(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function framingOf(status: number, headers: Fields): Framing {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined && length !== undefined)
    throw badHeader('content-length stands beside', `transfer-encoding: ${coding}`);
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw badHeader('content-length is no number:', length);
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw badHeader('a transfer coding that nobody asked for:', coding);
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'until-close' : Number(length);
}

function keepsAlive(http11: boolean, connection: string | undefined): boolean {
  if (connection === undefined) return http11;
  const options = connection.toLowerCase().split(/[\t ]*,[\t ]*/);
  return !options.includes('close') && (http11 || options.includes('keep-alive'));
}

/** The error for a head of more than MAX_HEAD bytes. */
export function headTooLong(): FetchError {
  return new FetchError('bad-header', `the head of the answer is longer than ${MAX_HEAD / 1024} KiB`);
}

function badHeader(what: string, shown: string): FetchError {
  return new FetchError(
    'bad-header',
    `the answer breaks HTTP/1.1 (RFC 9112): ${what} ${JSON.stringify(redactText(shown).slice(0, 80))}; the server, or something between, is at fault`,
  );
}
