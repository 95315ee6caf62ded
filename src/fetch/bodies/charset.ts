import { isUtf8 } from 'node:buffer';

const UTF_8 = 'utf-8';

/** WHATWG Encoding §6: a byte order mark says more than any header. */
const BYTE_ORDER_MARKS: readonly Encoding[] = [
  { charset: UTF_8, mark: [0xef, 0xbb, 0xbf] },
  { charset: 'utf-16be', mark: [0xfe, 0xff] },
  { charset: 'utf-16le', mark: [0xff, 0xfe] },
];

/** RFC 9110 §8.3.1: a parameter's value may be quoted. No charset has a longer name. */
const CHARSET = /;\s*charset\s*=\s*["']?([^\s"';,]{1,60})/i;

/** Media types whose bytes are text: the charset that a server names for an image is ignored. */
const OF_TEXT =
  /^\s*(?:text\/|[\w.+-]+\/(?:[\w.+-]*[.+-])?(?:json|xml|javascript|ecmascript|yaml|csv|jsonl|ndjson)\b)/i;

/** Where a document names its own charset, which counts when the header names none. */
const DECLARATIONS: ReadonlyArray<readonly [type: RegExp, declaration: RegExp]> = [
  // WHATWG HTML §13.2.3.2
  [/^\s*text\/html\b/i, /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]{1,60})/i],
  // XML 1.0 §4.3.3
  [/^\s*[\w.+-]+\/(?:[\w.-]*\+)?xml\b/i, /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]{1,60})/i],
];
/** Bytes of a document in which browsers look for a declaration. */
const DECLARED_WITHIN = 1024;

interface Encoding {
  readonly charset: string;
  /** Bytes that come before the text. */
  readonly mark: readonly number[];
}

/** A body in UTF-8. */
export interface Utf8Body {
  readonly bytes: Buffer;
  /** Why the text may not be what was meant, as a clause; null: it is. */
  readonly fault: string | null;
}

/**
 * A body as text. A byte order mark counts most, then the charset of content-type, then the one that an HTML or XML
 * document declares, else it is UTF-8.
 */
export function textOf(body: Buffer, contentType = ''): string {
  const { charset, mark } = encodingOf(body, contentType);
  const text = body.subarray(mark.length);
  // An unknown charset is read as UTF-8, as in browsers.
  return decoderOf(charset)?.decode(text) ?? text.toString('utf8');
}

/**
 * A body of text as UTF-8 without a byte order mark, by the same rules. The bytes stay as they are where the charset is
 * UTF-8 or one that nobody knows, and where the media type is not one of text.
 */
export function utf8Of(body: Buffer, contentType = ''): Utf8Body {
  const { charset, mark } = encodingOf(body, contentType);
  const isText = OF_TEXT.test(contentType);
  if (charset === UTF_8) {
    const bytes = mark.length === 0 ? body : body.subarray(mark.length);
    return {
      bytes,
      fault: isText && !isUtf8(bytes) ? 'the bytes are not UTF-8, and no other charset is named' : null,
    };
  }
  if (!isText) return { bytes: body, fault: null };
  const decoder = decoderOf(charset);
  if (decoder === null) return { bytes: body, fault: `the charset '${charset}' is not known` };
  const bytes = body.subarray(mark.length);
  const fault = isValid(bytes, charset) ? null : `the bytes are not of the charset '${charset}'`;
  return { bytes: Buffer.from(decoder.decode(bytes)), fault };
}

function encodingOf(body: Buffer, contentType: string): Encoding {
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => mark.every((byte, at) => body[at] === byte));
  if (marked !== undefined) return marked;
  const named = CHARSET.exec(contentType)?.[1] ?? declaredCharset(body, contentType) ?? UTF_8;
  const charset = named.toLowerCase();
  return { charset: /^(utf-?8|us-ascii|ascii)$/.test(charset) ? UTF_8 : charset, mark: [] };
}

function declaredCharset(body: Buffer, contentType: string): string | null {
  const declaration = DECLARATIONS.find(([type]) => type.test(contentType))?.[1];
  if (declaration === undefined) return null;
  const beginning = body.toString('latin1', 0, DECLARED_WITHIN).replace(/<!--.*?-->/gs, '');
  const charset = declaration.exec(beginning)?.[1] ?? null;
  // A declaration that can be read as ASCII is not in UTF-16, whatever it says (WHATWG HTML §13.2.3.2).
  return charset === null || /^utf-16/i.test(charset) ? null : charset;
}

/** null for UTF-8, which Buffer decodes faster, and for an unknown charset. */
function decoderOf(charset: string): { decode(bytes: Buffer): string } | null {
  if (charset === UTF_8) return null;
  try {
    return new TextDecoder(charset);
  } catch {
    return null;
  }
}

function isValid(bytes: Buffer, charset: string): boolean {
  try {
    new TextDecoder(charset, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
