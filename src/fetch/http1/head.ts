import { redactText } from '../../trace/index.ts';
import { FetchError } from '../errors.ts';
import { type Fields, noFields } from '../fields.ts';
import type { Head } from '../head.ts';

/** How the end of a body is known (RFC 9112 §6.3): bytes of content-length, chunks, or the connection's end. */
export type Framing = number | 'chunked' | 'until-close';

/** The head of an answer over HTTP/1.1. */
export interface Http1Head extends Head {
  readonly framing: Framing;
  /** The connection may carry another request after this answer. */
  readonly keepAlive: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** A name, and a value without control characters (RFC 9110 §5.1, §5.5). */
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
/** Where a value goes on in the next line: a user agent MUST read it as a space (RFC 9112 §5.2). */
const FOLD = /\r\n[\t ]+/g;

/**
 * Reads a head (without its closing empty line). Strict where leniency smuggles: no bare CR or LF, no space
 * before the colon, one content-length, never beside transfer-encoding (RFC 9112 §2.2, §5, §6.3).
 * @throws FetchError 'bad-header' naming the line.
 */
export function parseHead(text: string): Http1Head {
  const end = text.indexOf('\r\n');
  const statusLine = end < 0 ? text : text.slice(0, end);
  const [, minor, code] = STATUS_LINE.exec(statusLine) ?? [];
  if (code === undefined) throw badHeader('the status line is', statusLine);
  const headers = noFields();
  const lines =
    end < 0
      ? []
      : text
          .slice(end + 2)
          .replace(FOLD, ' ')
          .split('\r\n');
  for (const line of lines) addField(headers, line);
  const status = Number(code);
  return {
    status,
    headers,
    framing: framingOf(status, headers),
    keepAlive: keepsAlive(minor === '1', headers),
  };
}

/** Whether a line of a head or a trailer is a name and a value. */
export function isFieldLine(line: string): boolean {
  return FIELD_LINE.test(line);
}

function addField(headers: Record<string, string>, line: string): void {
  if (!isFieldLine(line)) throw badHeader('a header line is', line);
  const colon = line.indexOf(':');
  const value = withoutSpaces(line, colon + 1);
  const key = line.slice(0, colon).toLowerCase();
  const before = headers[key];
  if (before === undefined) headers[key] = value;
  else if (key === 'content-length') throw badHeader('content-length is there twice:', line);
  // Set-Cookie is the one field whose values can't be joined by commas (RFC 9110 §5.3).
  else headers[key] = before + (key === 'set-cookie' ? '\n' : ', ') + value;
}

/** Spaces and tabs around a value do not belong to it (RFC 9110 §5.5); String.trim would remove more. */
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
  if (length !== undefined && !/^0*\d{1,15}$/.test(length))
    throw badHeader('content-length is no number:', length);
  if (coding !== undefined && elements(coding).join() !== 'chunked')
    throw badHeader('a transfer coding that was not requested:', coding);
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'until-close' : Number(length);
}

function keepsAlive(http11: boolean, headers: Fields): boolean {
  const options = elements(headers.connection ?? '');
  if (http11) return !options.includes('close');
  // HTTP/1.0 has no transfer codings: a server that uses one there may have framed it wrongly (RFC 9112 §6.1).
  const isFramedWell = headers['transfer-encoding'] === undefined;
  return isFramedWell && options.includes('keep-alive') && !options.includes('close');
}

/** The elements of a list in lower case; empty ones are none (RFC 9110 §5.6.1.2). */
function elements(list: string): string[] {
  return list
    .toLowerCase()
    .split(',')
    .map((element) => withoutSpaces(element, 0))
    .filter((element) => element !== '');
}

function badHeader(what: string, shown: string): FetchError {
  return new FetchError(
    'bad-header',
    `the answer breaks HTTP/1.1 (RFC 9112): ${what} ${JSON.stringify(redactText(shown).slice(0, 80))}; the server, or something between, is at fault`,
  );
}
