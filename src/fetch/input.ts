import { type Duration, durationMs } from './duration.ts';
import { FetchError } from './errors.ts';
import { type Headers, layHeaders } from './headers.ts';

/** One thing to GET; a bare URL means `{ url }`. */
export interface Input<Data = unknown> {
  /** An input without a valid URL becomes a result with the error 'bad-url'. */
  readonly url: string;
  /** What can't be sent is a result with the error 'bad-request-header'. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Anything; comes back with the result. */
  readonly data?: Data;
  /** The whole of one attempt, for this one only. */
  readonly timeout?: Duration;
  /** Names of further headers that, like credentials, are not sent to another origin than that of `url`. */
  readonly credentials?: readonly string[];
}

/** An input as it was read. */
export interface Asked {
  /** As given; '' when the input has none. */
  readonly url: string;
  readonly data: unknown;
  /** Headers of its own, their names in lower case; null for none. */
  readonly headers: Headers | null;
  /** Names of headers, in lower case, that stay with the origin of `url`. */
  readonly credentials: readonly string[];
  /** null: that of the run. */
  readonly timeoutMs: number | null;
  /** Why it is not a valid request. */
  readonly fault: FetchError | null;
}

const NO_NAMES: readonly string[] = [];
const BARE: Asked = {
  url: '',
  data: null,
  headers: null,
  credentials: NO_NAMES,
  timeoutMs: null,
  fault: null,
};

/**
 * Reads an input, whatever a caller without types gives as one. It is read once: the object may be a proxy, have
 * getters, or change.
 */
export function readInput(input: unknown): Asked {
  if (typeof input === 'string') return { ...BARE, url: input };
  let url = '';
  let data: unknown = null;
  try {
    const { url: given, data: own, headers, credentials, timeout } = objectOf(input);
    data = own ?? null;
    url = textOf(given);
    return {
      url,
      data,
      headers: headers === undefined ? null : layHeaders({}, headers as Headers),
      credentials: credentials === undefined ? NO_NAMES : namesOf(credentials),
      timeoutMs: timeout === undefined ? null : timeoutOf(timeout),
      fault: null,
    };
  } catch (error) {
    const fault =
      error instanceof FetchError
        ? error
        : new FetchError('bad-url', 'the input throws an error when it is read', error);
    return { ...BARE, url, data, fault };
  }
}

/** An input's fields, of any type. @throws FetchError 'bad-url' for what has none. */
function objectOf(input: unknown): Readonly<Record<string, unknown>> {
  const wanted = 'give a URL as text, or an object with a URL as its url';
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new FetchError('bad-url', `the input is ${kindOf(input)}; ${wanted}`);
  if (input instanceof URL) throw new FetchError('bad-url', `the input is a URL object; give its href`);
  return input as Readonly<Record<string, unknown>>;
}

/** A URL as text; an object that has one, as a URL object, is taken by it. @throws FetchError 'bad-url' */
function textOf(url: unknown): string {
  if (typeof url === 'string') return url;
  if (url === undefined || url === null) throw new FetchError('bad-url', 'the input has no url');
  if (typeof url === 'object') return String(url);
  throw new FetchError('bad-url', `the url of the input is ${kindOf(url)}; give it as text`);
}

function namesOf(credentials: unknown): readonly string[] {
  if (Array.isArray(credentials) && credentials.every((name) => typeof name === 'string'))
    return credentials.map((name) => name.toLowerCase());
  throw new FetchError('bad-request-header', "credentials are a list of header names: ['x-api-key']");
}

function timeoutOf(timeout: unknown): number {
  if (typeof timeout !== 'string')
    throw new FetchError(
      'bad-timeout',
      `timeout: ${kindOf(timeout)} is no length of time; write it as text: 5s`,
    );
  try {
    return durationMs(timeout, 'timeout');
  } catch (error) {
    throw new FetchError('bad-timeout', (error as TypeError).message);
  }
}

/** What a value is, as a noun for a message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
