/** Who reads the errors of a run: each calls the same option by a name of its own. */
export type Reader = 'library' | 'get' | 'report';

/** The options that errors speak of, as each reader knows them; null where a reader has no such option. */
export const OPTION_NAMES = {
  timeout: { library: 'timeout', get: '--timeout', report: 'limits.timeout' },
  connectTimeout: { library: 'connectTimeout', get: '--connect-timeout', report: 'limits.connectTimeout' },
  firstByteTimeout: {
    library: 'firstByteTimeout',
    get: '--first-byte-timeout',
    report: 'limits.firstByteTimeout',
  },
  idleTimeout: { library: 'idleTimeout', get: '--idle-timeout', report: 'limits.idleTimeout' },
  maxRetryAfter: { library: 'maxRetryAfter', get: '--max-retry-after', report: 'limits.maxRetryAfter' },
  maxBody: { library: 'maxBody', get: '--max-body', report: 'limits.maxBody' },
  maxRedirects: { library: 'maxRedirects', get: '--max-redirs', report: null },
  good: { library: 'good', get: '--good', report: 'good.status' },
  blockPrivate: { library: 'blockPrivate', get: '--no-private', report: 'limits.blockPrivate' },
  ca: { library: 'tls.ca', get: '--cacert FILE', report: 'ca' },
  insecure: { library: 'tls.insecure', get: '--insecure', report: 'insecure' },
  cert: { library: 'tls.cert and tls.key', get: '--cert and --key', report: null },
  curves: { library: 'tls.curves', get: '--curves', report: 'curves' },
  http1: { library: "protocol: 'http/1.1'", get: '--http1.1', report: null },
  protocol: { library: 'another protocol', get: '--http1.1 or --http2', report: null },
  resolve: { library: 'resolve', get: '--resolve HOST:PORT:ADDRESS', report: null },
  family: { library: 'family', get: '-4 or -6', report: null },
} as const satisfies Readonly<Record<string, Readonly<Record<Reader, string | null>>>>;

type OptionKey = keyof typeof OPTION_NAMES;

/** No text of a server, a URL or the system has this character. */
const MARK = '\0';
const MARKED = /\0(\w+)\0/g;

/** An option in the text of an error, until it is known who reads it: `; raise ${option('maxBody')} if ...`. */
export function option(key: OptionKey): string {
  return MARK + key + MARK;
}

/**
 * A text with its options named as the reader knows them. A part of it, between two semicolons, that speaks of an option
 * which the reader does not have is left out.
 */
export function wordsFor(reader: Reader, text: string): string {
  if (!text.includes(MARK)) return text;
  const nameOf = (key: string) => OPTION_NAMES[key as OptionKey][reader];
  return text
    .split('; ')
    .filter((part) => [...part.matchAll(MARKED)].every(([, key]) => nameOf(key!) !== null))
    .join('; ')
    .replace(MARKED, (_, key: string) => nameOf(key)!);
}
