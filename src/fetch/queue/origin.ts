import type { Carrier } from '../carrier.ts';
import type { Alarm } from '../clock.ts';
import { type LastHead, lastHead } from '../http1/reader.ts';
import type { Job } from '../job.ts';
import type { HttpProxy } from '../open/proxy.ts';
import { authority, type Headers, hasRunHeaders, headerLines, headersOf } from '../request.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import { AdaptiveLimit, Health } from './adapt.ts';
import { Fifo } from './fifo.ts';
import { Pace } from './pace.ts';
import type { Reason } from './proof.ts';

/** What a run knows of one origin: who waits for it, what carries them, and what it can bear. */
export class Origin {
  readonly key: string;
  readonly target: Target;
  /** Wanted, and not dispatched. */
  readonly queue = new Fifo<Job>();
  /** Dispatched, and waiting for a connection to stand. */
  readonly waiting = new Fifo<Job>();
  /** Dispatched and not done. */
  active = 0;
  /** Dispatched since it last answered: many are a sign that it never will. */
  sentSinceAnswer = 0;
  /** Something was queued here at some time. */
  wasWanted = false;
  /** Connections being opened. */
  opening = 0;
  /** Connections that have room, the one used last at the end: it is the least likely to have been closed. */
  readonly free: Carrier[] = [];
  /** Connections that stand. */
  carriers = 0;
  /** HTTP/2 is offered to it; null until the first connection is opened. */
  offersH2: boolean | null = null;
  /** Requests that one connection takes at once; null until it is known. */
  streams: number | null = null;
  /** The least that a request took from being sent to being read, in milliseconds: more may be our own doing. */
  serviceMs = Number.POSITIVE_INFINITY;
  /** Requests that it may have in flight, whatever its answers; Infinity where nothing was said. */
  most = Number.POSITIVE_INFINITY;
  readonly limit = new AdaptiveLimit();
  readonly health = new Health();
  readonly pace: Pace | null;
  readonly lastHead: LastHead = lastHead();
  /** Nothing is sent before this: Retry-After, or the pause before a probe. Milliseconds of performance.now(). */
  pausedUntil = Number.NEGATIVE_INFINITY;
  /** Set while its queue waits for a time to come. */
  waking: Alarm | null = null;
  /** It stands in the scheduler's row. */
  inRow = false;
  /** Why its queue can't be sent now; null when it can. */
  blockedBy: Reason | null = null;
  /** Since when its queue can be sent again. */
  unblockedAt = Number.NEGATIVE_INFINITY;
  readonly #headers: Headers;
  readonly #lines: string;
  readonly #absoluteForm: boolean;

  /** `proxy`: requests go to it in clear, with whole URLs in the request line (RFC 9112 §3.2.2). */
  constructor(target: Target, settings: Settings, headers: Headers, proxy: HttpProxy | null) {
    this.key = target.origin;
    this.target = target;
    this.pace = settings.perOriginRatePerS === null ? null : new Pace(settings.perOriginRatePerS);
    const login = proxy?.authorization ?? null;
    this.#headers = login === null ? headers : { ...headers, 'proxy-authorization': login };
    this.#lines = ` HTTP/1.1\r\n${headerLines(target, this.#headers)}`;
    this.#absoluteForm = proxy !== null;
  }

  /** A request of HTTP/1.1, whole. */
  requestText(job: Job): string {
    const target = job.target;
    const lines = hasRunHeaders(job)
      ? this.#lines
      : ` HTTP/1.1\r\n${headerLines(target, headersOf(job, this.#headers))}`;
    return `GET ${this.#absoluteForm ? target.href : target.path}${lines}`;
  }

  /** A request of HTTP/2: its header fields, pseudo-fields first. */
  requestFields(job: Job): Record<string, string> {
    const { host, ...headers } = headersOf(job, this.#headers);
    return {
      ':method': 'GET',
      ':scheme': job.target.secure ? 'https' : 'http',
      ':authority': host ?? authority(job.target),
      ':path': job.target.path,
      ...headers,
    };
  }
}
