import type { Result } from '../fetch/index.ts';
import { redactText, redactUrl } from '../trace/index.ts';

/** Failures of one code, where they were, and the first of them. */
export interface FailureCount {
  readonly code: string;
  readonly count: number;
  /** The origins with most of them, at most 3; without a URL there is none. */
  readonly origins: readonly { readonly origin: string; readonly count: number }[];
  readonly example: { readonly url: string; readonly text: string };
}

/** How long the answers of an origin took, from the attempt's start to the last byte. */
export interface OriginTime {
  readonly origin: string;
  readonly answers: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

/** Origins that are told apart: the slowest of more would need memory for each. */
const MOST_ORIGINS = 10_000;
/** Origins that are named beside a failure. */
const NAMED_ORIGINS = 3;

/** What of a result is counted. */
export type Tallied = Pick<Result, 'url' | 'status' | 'bytes' | 'totalMs'> & {
  readonly error: { readonly code: string; readonly message: string } | null;
};

/** Counts results as they come, in memory that does not grow with them. */
export class Tally {
  results = 0;
  failed = 0;
  /** Body bytes over the wire. */
  bytes = 0;
  /** Answers by status. */
  readonly statuses = new Map<number, number>();
  readonly #failures = new Map<
    string,
    { count: number; readonly url: string; readonly text: string; readonly origins: Map<string, number> }
  >();
  readonly #origins = new Map<string, { answers: number; sumMs: number; maxMs: number }>();

  add(result: Tallied): void {
    this.results++;
    this.bytes += result.bytes;
    if (result.status !== null) this.statuses.set(result.status, (this.statuses.get(result.status) ?? 0) + 1);
    if (result.error !== null) this.#addFailure(result, result.error);
    if (result.status !== null && result.totalMs !== null) this.#addTime(result.url, result.totalMs);
  }

  /** Failures by code, the most frequent first. */
  failures(): readonly FailureCount[] {
    return [...this.#failures]
      .map(([code, { count, url, text, origins }]) => ({
        code,
        count,
        origins: [...origins]
          .map(([origin, count]) => ({ origin, count }))
          .sort((one, other) => other.count - one.count)
          .slice(0, NAMED_ORIGINS),
        example: { url, text },
      }))
      .sort((one, other) => other.count - one.count);
  }

  /** The origins whose answers took longest on average, the slowest first; of one origin there is nothing to tell. */
  slowestOrigins(most: number): readonly OriginTime[] {
    if (this.#origins.size < 2) return [];
    return [...this.#origins]
      .map(([origin, { answers, sumMs, maxMs }]) => ({ origin, answers, meanMs: sumMs / answers, maxMs }))
      .sort((one, other) => other.meanMs - one.meanMs)
      .slice(0, most);
  }

  /** Failures that were found in results that had been good. */
  addFound(code: string, count: number, example: FailureCount['example']): void {
    this.failed += count;
    this.#failures.set(code, { count, ...example, origins: new Map() });
  }

  #addFailure({ url }: Tallied, error: NonNullable<Tallied['error']>): void {
    this.failed++;
    let known = this.#failures.get(error.code);
    if (known === undefined) {
      known = { count: 0, url: redactUrl(url), text: redactText(error.message), origins: new Map() };
      this.#failures.set(error.code, known);
    }
    known.count++;
    const origin = originOfAny(url);
    if (origin !== '' && (known.origins.has(origin) || known.origins.size < MOST_ORIGINS))
      known.origins.set(origin, (known.origins.get(origin) ?? 0) + 1);
  }

  #addTime(url: string, totalMs: number): void {
    const origin = originOf(url);
    let known = this.#origins.get(origin);
    if (known === undefined) {
      if (this.#origins.size === MOST_ORIGINS) return;
      known = { answers: 0, sumMs: 0, maxMs: 0 };
      this.#origins.set(origin, known);
    }
    known.answers++;
    known.sumMs += totalMs;
    if (totalMs > known.maxMs) known.maxMs = totalMs;
  }
}

/** 'scheme://host:port' of what was asked for; '' for what is no URL, and may hold anything anywhere. */
function originOfAny(url: string): string {
  const { origin } = URL.parse(url) ?? { origin: 'null' };
  return origin === 'null' ? '' : origin;
}

/** 'scheme://host:port' of a normalised URL, without a password. */
function originOf(url: string): string {
  const slash = url.indexOf('/', 'https://'.length);
  const origin = slash === -1 ? url : url.slice(0, slash);
  const at = origin.lastIndexOf('@');
  return at === -1 ? origin : origin.slice(0, origin.indexOf('//') + 2) + origin.slice(at + 1);
}
