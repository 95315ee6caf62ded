import { version } from '../package/index.ts';
import { defaultMaxMemory } from './bodies/memory.ts';
import { durationMs, ratePerS } from './duration.ts';
import { layHeaders } from './headers.ts';
import type { HostLimit, Options, TlsOptions } from './options.ts';

/** Options made whole: every default filled in, every length of time in milliseconds. */
export interface Settings {
  readonly concurrency: number;
  readonly perOrigin: readonly HostLimit[];
  readonly ratePerS: number | null;
  readonly perOriginRatePerS: number | null;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxRetryAfterMs: number;
  readonly adapt: boolean;
  readonly maxBody: number;
  readonly maxMemory: number;
  readonly maxRedirects: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent: string;
  readonly tls: TlsOptions;
  readonly proxy: string | null;
  readonly resolve: Readonly<Record<string, readonly string[]>>;
  readonly connectTo: Readonly<Record<string, string>>;
  readonly family: 4 | 6 | null;
  readonly blockPrivate: boolean;
  readonly protocol: 'auto' | 'http/1.1' | 'h2';
}

/** The defaults of a run, as `abreast get --help` prints them. */
export const DEFAULTS = {
  concurrency: 100,
  connectTimeout: '10s',
  firstByteTimeout: '30s',
  idleTimeout: '30s',
  timeout: '60s',
  retries: 3,
  maxRetryAfter: '60s',
  maxBody: 64 * 1024 * 1024,
  maxRedirects: 10,
} as const;

function sendable<H extends Readonly<Record<string, string>>>(headers: H, option: string): H {
  try {
    layHeaders({}, headers);
    return headers;
  } catch (error) {
    throw new TypeError(`${option}: ${(error as Error).message}`);
  }
}

function hostLimits(given: number | readonly HostLimit[]): readonly HostLimit[] {
  const limits: readonly HostLimit[] = typeof given === 'number' ? [['*', given]] : given;
  for (const [pattern, most] of limits)
    if (!(Number.isInteger(most) && most >= 1))
      throw new TypeError(
        `perOrigin: ${most}${pattern === '*' ? '' : ` for ${pattern}`} is not a whole number of at least 1`,
      );
  return limits;
}

/** Options whose types are not checked elsewhere, with the expected types. */
const TYPES: readonly (readonly [
  names: readonly (keyof Options)[],
  wanted: string,
  is: (value: unknown) => boolean,
])[] = [
  [['good', 'next', 'onResponse', 'onError'], 'a function', (value) => typeof value === 'function'],
  [['signal'], 'an AbortSignal', (value) => value instanceof AbortSignal],
  [['tls', 'resolve', 'connectTo'], 'an object', (value) => typeof value === 'object'],
  [['proxy'], 'text', (value) => typeof value === 'string'],
  [['adapt', 'blockPrivate'], 'true or false', (value) => typeof value === 'boolean'],
  [['family'], '4 or 6', (value) => value === 4 || value === 6],
  [
    ['protocol'],
    "'auto', 'http/1.1' or 'h2'",
    (value) => value === 'auto' || value === 'http/1.1' || value === 'h2',
  ],
];

function checkTypes<Data>(options: Options<Data>): void {
  for (const [names, wanted, is] of TYPES)
    for (const name of names) {
      const value = options[name] ?? null;
      if (value !== null && !is(value)) throw new TypeError(`${name}: ${shown(value)} is not ${wanted}`);
    }
}

const LONGEST_SHOWN = 20;

/** A value in an error: what may hold a secret, or is long, by its type alone. */
function shown(value: unknown): string {
  const isShort =
    typeof value !== 'object' && typeof value !== 'function' && String(value).length <= LONGEST_SHOWN;
  return isShort ? String(value) : `a value of type ${typeof value}`;
}

/** Fills in the defaults. @throws TypeError for a value out of its range, naming option, value and range. */
export function settle<Data>(options: Options<Data>): Settings {
  checkTypes(options);
  const count = (
    name: 'concurrency' | 'retries' | 'maxRedirects' | 'maxBody' | 'maxMemory',
    least: number,
  ) => {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && value >= least)) return value;
    throw new TypeError(`${name}: ${value} is not a whole number of at least ${least}`);
  };
  const concurrency = count('concurrency', 1) ?? DEFAULTS.concurrency;
  return {
    concurrency,
    perOrigin: hostLimits(options.perOrigin ?? []),
    ratePerS: options.rate === undefined ? null : ratePerS(options.rate, 'rate'),
    perOriginRatePerS:
      options.perOriginRate === undefined ? null : ratePerS(options.perOriginRate, 'perOriginRate'),
    connectTimeoutMs: durationMs(options.connectTimeout ?? DEFAULTS.connectTimeout, 'connectTimeout'),
    firstByteTimeoutMs: durationMs(options.firstByteTimeout ?? DEFAULTS.firstByteTimeout, 'firstByteTimeout'),
    idleTimeoutMs: durationMs(options.idleTimeout ?? DEFAULTS.idleTimeout, 'idleTimeout'),
    timeoutMs: durationMs(options.timeout ?? DEFAULTS.timeout, 'timeout'),
    retries: count('retries', 0) ?? DEFAULTS.retries,
    maxRetryAfterMs: durationMs(options.maxRetryAfter ?? DEFAULTS.maxRetryAfter, 'maxRetryAfter'),
    adapt: options.adapt ?? true,
    maxBody: count('maxBody', 0) ?? DEFAULTS.maxBody,
    maxMemory: count('maxMemory', 1) ?? defaultMaxMemory(),
    maxRedirects: count('maxRedirects', 0) ?? DEFAULTS.maxRedirects,
    headers: sendable(options.headers ?? {}, 'headers'),
    userAgent: sendable({ 'user-agent': options.userAgent ?? `abreast/${version()}` }, 'userAgent')[
      'user-agent'
    ],
    tls: options.tls ?? {},
    proxy: options.proxy ?? null,
    resolve: options.resolve ?? {},
    connectTo: options.connectTo ?? {},
    family: options.family ?? null,
    blockPrivate: options.blockPrivate ?? false,
    protocol: options.protocol ?? 'auto',
  };
}
