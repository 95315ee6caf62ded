import type { ErrorCode } from '../src/fetch/errors.ts';
import type { Random } from './random.ts';

/** What becomes of a request. */
export type NextStep =
  | { readonly kind: 'silence' }
  /** The head comes, and nothing more. */
  | { readonly kind: 'stall' | 'refuse' | 'reset' | 'goaway'; readonly afterMs: number }
  | {
      readonly kind: 'answer';
      readonly afterMs: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly endsConnection: boolean;
    };

/** What becomes of a connect; null: it never ends. */
export type Opened =
  | { readonly afterMs: number; readonly isHttp2: boolean }
  | { readonly afterMs: number; readonly code: ErrorCode }
  | null;

const FATES = ['silence', 'stall', 'refuse', 'reset', 'goaway'] as const;
const CODES = ['connect-refused', 'connect-unreachable', 'dns', 'tls', 'timeout-connect', 'proxy'] as const;
const STATUSES = [200, 200, 200, 204, 301, 307, 404, 429, 500, 502, 503, 504] as const;

/** How one server behaves: so many of a hundred answers, connects and settings are hostile, each in its way. */
export class Temper {
  readonly #hostile: number;
  readonly #closed: number;
  readonly #plain: number;
  readonly #speaksHttp2: boolean;
  readonly #settings: number;
  readonly #streams: readonly number[];
  readonly #origins: readonly string[];

  /** `origins`: where it redirects to. */
  constructor(random: Random, origins: readonly string[]) {
    this.#hostile = random.pick([0, 0, 5, 30, 100]);
    this.#closed = random.pick([0, 0, 10, 60, 100]);
    this.#plain = random.pick([30, 90, 100]);
    this.#speaksHttp2 = random.percent(60);
    this.#settings = random.pick([0, 50, 90, 100]);
    this.#streams = random.pick([[100], [0], [0, 1], [1], [0, 3, 100]]);
    this.#origins = origins;
  }

  connect(random: Random, offersHttp2: boolean): Opened {
    if (!random.percent(this.#closed))
      return { afterMs: random.whole(0, 300), isHttp2: offersHttp2 && this.#speaksHttp2 };
    return random.percent(20) ? null : { afterMs: random.whole(0, 3000), code: random.pick(CODES) };
  }

  answer(random: Random): NextStep {
    const afterMs = random.percent(80) ? random.whole(0, 200) : random.whole(0, 20_000);
    if (random.percent(this.#hostile)) return { kind: random.pick(FATES), afterMs };
    const status = random.percent(this.#plain) ? 200 : random.pick(STATUSES);
    return {
      kind: 'answer',
      afterMs,
      status,
      headers: this.#headers(status, random),
      endsConnection: random.percent(10),
    };
  }

  /** null: no more come. */
  settings(random: Random): { readonly afterMs: number; readonly streams: number } | null {
    if (!random.percent(this.#settings)) return null;
    return { afterMs: random.whole(0, 8000), streams: random.pick(this.#streams) };
  }

  #headers(status: number, random: Random): Readonly<Record<string, string>> {
    if (status < 400 && status > 300)
      return { location: `${random.pick(this.#origins)}/${random.whole(0, 5)}` };
    if (status === 429 || status === 503)
      return random.percent(50) ? { 'retry-after': `${random.whole(0, 90)}` } : {};
    return {};
  }
}
