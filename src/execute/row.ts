import { FetchError, forAnyOrigin, type Input, type Result } from '../fetch/index.ts';
import { redactUrl } from '../trace/index.ts';
import type { Cache } from './cache.ts';
import { faultOf } from './good.ts';
import type { BadJob, GetJob, How, Job } from './order.ts';
import { firstPage, type NextPage, nextPage } from './pages/next.ts';
import { changed } from './secrets.ts';

/** One page of a row on its way: what comes back with its result. */
export interface Asked {
  readonly job: GetJob;
  /** From 1. */
  readonly page: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The URLs of the pages so far; null where there are no pages. */
  readonly seen: Set<string> | null;
  /** The decision after the answer. */
  outcome: Outcome | null;
}

/** A looked-at answer. */
export interface Outcome {
  /** Judged; after a 304 the answer that was kept. */
  readonly result: Result;
  readonly next: Asked | null;
  /** There would be a page after the last that may be asked for. */
  readonly cut: boolean;
  /** The answer does not say whether there is a next page: the path finds nothing. */
  readonly unsaid: boolean;
  /** Why there is no next page, although the answer names one: an additional result. */
  readonly broken: Result | null;
}

/** Nothing follows. */
const LAST: Omit<Outcome, 'result'> = { next: null, cut: false, unsaid: false, broken: null };

/** The requests of rows: the first one, and what follows an answer. */
export class RowWork {
  readonly #how: How;
  readonly #cache: Cache | null;

  constructor(how: How, cache: Cache | null) {
    this.#how = how;
    this.#cache = cache;
  }

  /** A row's first page. */
  first(job: GetJob): Asked {
    const { pages } = this.#how;
    const url = firstPage(job.url, pages);
    const seen = pages === null ? null : new Set([url]);
    return { job, page: 1, url, headers: job.headers, seen, outcome: null };
  }

  /** The request for a page. */
  inputOf(asked: Asked): Input<Asked> {
    const { url, headers, job } = asked;
    return {
      url,
      headers: this.#cache === null ? headers : this.#cache.conditional(url, headers),
      credentials: job.credentials,
      data: asked,
    };
  }

  /** The result of an answer, and what follows it. */
  outcomeOf(result: Result, asked: Asked): Outcome {
    const answer = this.#cache === null ? result : this.#cache.resolved(result, asked.url, asked.headers);
    const fault = faultOf(answer, this.#how.good);
    const judged = fault === null ? answer : changed(answer, { error: fault });
    const { pages } = this.#how;
    if (pages === null || judged.error !== null) return { result: judged, ...LAST };
    const next = nextPage(pages, judged, asked.url, asked.page);
    return { result: judged, ...this.#follow(asked, next, pages.most) };
  }

  #follow(asked: Asked, next: NextPage, most: number): Omit<Outcome, 'result'> {
    if (next === 'none' || next === 'unsaid') return { ...LAST, unsaid: next === 'unsaid' };
    if ('error' in next) return { ...LAST, broken: failed(asked.job, asked.url, next.error) };
    const url = withLogin(next.url, asked.job.url);
    if (asked.seen!.has(url)) return { ...LAST, broken: failed(asked.job, url, loop(url)) };
    if (asked.page >= most) return { ...LAST, cut: true };
    asked.seen!.add(url);
    const { job, seen } = asked;
    return {
      ...LAST,
      next: { job, page: asked.page + 1, url, headers: headersAt(url, job), seen, outcome: null },
    };
  }
}

/** What is for the origin of the first page goes to no other one that a link leads to. */
function headersAt(url: string, { url: first, headers, credentials }: GetJob): GetJob['headers'] {
  if (new URL(url).origin === new URL(first).origin) return headers;
  return forAnyOrigin(
    headers,
    credentials.map((name) => name.toLowerCase()),
  );
}

/** A login in the first URL holds for the pages of its origin. */
function withLogin(url: string, first: string): string {
  const from = new URL(first);
  const to = new URL(url);
  if (from.username === '' || to.username !== '' || from.origin !== to.origin) return url;
  to.username = from.username;
  to.password = from.password;
  return to.href;
}

function loop(url: string): FetchError {
  return new FetchError('page-loop', `the pages lead in a circle: back to ${redactUrl(url)}`);
}

/** The result of a row from which no request can be made. */
export function badRow(job: BadJob): Result {
  return failed(job, '', new FetchError(job.code ?? 'bad-row', job.error));
}

/** A result that no request came to. */
function failed(job: Job, url: string, error: FetchError): Result {
  return {
    index: job.index,
    input: url,
    data: null,
    url,
    finalUrl: null,
    status: null,
    error,
    attempts: 0,
    startedAt: null,
    waitMs: null,
    connectMs: null,
    ttfbMs: null,
    totalMs: null,
    bytes: 0,
    headers: null,
    body: null,
    text: () => '',
    json() {
      throw new SyntaxError(error.message);
    },
  };
}
