import type { FetchError } from './errors.ts';
import type { Input } from './input.ts';

/**
 * What became of one URL: a response, or an error, never neither. Every key is always there; null when there
 * is none. Published for JSONL as schema/result.json.
 */
export interface Result<Data = unknown> {
  /** Place in the input, from 0. */
  readonly index: number;
  /** The input as it was given. */
  readonly input: string | Input<Data>;
  /** The data of the input: the row's other columns. */
  readonly data: Data | null;
  /** The URL asked for, normalised; as given when it does not parse. */
  readonly url: string;
  /** The URL that answered, after redirects. */
  readonly finalUrl: string | null;
  readonly status: number | null;
  readonly error: FetchError | null;
  /** How often it was tried, redirects not counted. */
  readonly attempts: number;
  /** When the last attempt began, Unix epoch in milliseconds; null when none did. */
  readonly startedAt: number | null;
  /** From being wanted to the last attempt's start. */
  readonly waitMs: number | null;
  /** Opening the connection; 0 on a reused one. */
  readonly connectMs: number | null;
  /** From the request's first byte to the answer's. */
  readonly ttfbMs: number | null;
  /** From the last attempt's start to the answer's last byte. */
  readonly totalMs: number | null;
  /** Body bytes as they came over the wire. */
  readonly bytes: number;
  /** Names in lower case; a repeated header's values are joined by ', ' (set-cookie: by newline). */
  readonly headers: Readonly<Record<string, string>> | null;
  /** The decoded body. */
  readonly body: Buffer | null;
  /**
   * The body as text: by its byte order mark, the charset of content-type, or the one that an HTML or XML document
   * declares; else as UTF-8. '' when there is none.
   */
  text(): string;
  /** The body as JSON. @throws SyntaxError naming the URL when it is not. */
  json(): unknown;
}
