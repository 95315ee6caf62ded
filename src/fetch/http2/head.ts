import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { noFields } from '../fields.ts';
import { type Head, headTooLong, MAX_HEAD } from '../head.ts';

/** No head within the limit has more fields: a line of HTTP/1.1 needs five bytes, as in 'a: ' and its CR LF. */
const MOST_FIELDS = Math.floor(MAX_HEAD / 5);

/**
 * What nghttp2 refuses before we see it. It counts 32 bytes on top of each field (RFC 9113 §6.5.2), so that a head
 * within our limit never meets these; they bound what HPACK makes of a few bytes.
 */
export const headLimits = {
  maxHeaderListPairs: MOST_FIELDS,
  maxHeaderListSize: MAX_HEAD + 32 * MOST_FIELDS,
} as const;

/**
 * The head of an HTTP/2 answer. `raw`: its names and values in turn, as they came.
 * @throws FetchError 'bad-header' for a head that would be too long in HTTP/1.1.
 */
export function headOf(fields: IncomingHttpHeaders & IncomingHttpStatusHeader, raw: readonly string[]): Head {
  let bytes = 0;
  for (const text of raw) bytes += text.length + 2;
  if (bytes > MAX_HEAD) throw headTooLong();
  const headers = noFields();
  for (const name in fields) {
    if (name.startsWith(':')) continue;
    const value = fields[name]!;
    headers[name] = typeof value === 'string' ? value : value.join(name === 'set-cookie' ? '\n' : ', ');
  }
  return { status: Number(fields[':status']), headers };
}
