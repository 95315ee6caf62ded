import type { Because } from '../trace/index.ts';
import type { Head } from './head.ts';
import type { HttpConnection } from './http-connection.ts';
import type { Asked, Input } from './input.ts';
import type { Pool } from './pool.ts';
import type { OriginQueue } from './queue/origin-queue.ts';
import type { RequestHeads } from './request-heads.ts';
import type { Target } from './target.ts';

const NO_URLS: readonly string[] = [];

/** What a run has of one origin. */
export interface Origin {
  readonly target: Target;
  readonly queue: OriginQueue<Job>;
  readonly pool: Pool<Job>;
  readonly heads: RequestHeads;
}

/**
 * One URL on its way to a result. A class for speed: one shape, its fields written over by each attempt.
 * Times are milliseconds of performance.now(); NaN: not reached in this exchange.
 */
export class Job {
  readonly index: number;
  readonly input: string | Input;
  readonly data: unknown;
  readonly first: Target;
  /** Headers of its own, over the run's. */
  readonly headers: Readonly<Record<string, string>> | null;
  /** Names of those of them that stay with the origin of `first`. */
  readonly credentials: readonly string[];
  readonly timeoutMs: number;
  /** Where it goes now: `first`, or where a redirect sent it. */
  target: Target;
  origin: Origin;
  because: Because = 'first';
  attempts = 0;
  /** URLs that redirected it, in order. */
  trail: readonly string[] = NO_URLS;
  /** Retries on a fresh connection after a kept-alive one had died are free, but not without end. */
  freeRetries = 0;
  /** Since when it could have been sent, as far as the input, back-offs and limits go. */
  readyAt: number;
  firstWantedAt = Number.NaN;
  attemptAt = Number.NaN;
  wantedAt = Number.NaN;
  dispatchedAt = Number.NaN;
  connectedAt = Number.NaN;
  sentAt = Number.NaN;
  answeredAt = Number.NaN;
  readAt = Number.NaN;
  /** When its last exchange ended, well or not. */
  endedAt = Number.NaN;
  /** Milliseconds of this attempt spent on opening a connection. */
  connectMs = 0;
  connection: HttpConnection<Job> | null = null;
  /** Id of the connection that carries it; -1: none did. */
  connectionId = -1;
  ordinal = -1;
  head: Head | null = null;
  wireBytes = 0;
  /** Since when reading its answer is paused, for want of memory; NaN: it is not. */
  pausedAt = Number.NaN;
  /** How long it was paused: no time limit of the server's. */
  pausedMs = 0;
  /** It was sent on a kept-alive connection that was dead: it may be sent again, on a new one only. */
  needsNewConnection = false;

  constructor(
    index: number,
    input: string | Input,
    asked: Asked,
    target: Target,
    origin: Origin,
    timeoutMs: number,
    readyAt: number,
  ) {
    this.index = index;
    this.input = input;
    this.data = asked.data;
    this.headers = asked.headers;
    this.credentials = asked.credentials;
    this.first = target;
    this.target = target;
    this.origin = origin;
    this.timeoutMs = timeoutMs;
    this.readyAt = readyAt;
  }

  /** Forgets the exchange before this one. */
  dispatch(wantedAt: number, now: number): void {
    this.wantedAt = wantedAt;
    if (Number.isNaN(this.firstWantedAt)) this.firstWantedAt = wantedAt;
    if (this.because !== 'redirect') {
      this.attempts++;
      this.attemptAt = now;
      this.connectMs = 0;
    }
    this.dispatchedAt = now;
    this.connectedAt = Number.NaN;
    this.sentAt = Number.NaN;
    this.answeredAt = Number.NaN;
    this.readAt = Number.NaN;
    this.connectionId = -1;
    this.ordinal = -1;
    this.head = null;
    this.wireBytes = 0;
    this.pausedAt = Number.NaN;
    if (this.because !== 'redirect') this.pausedMs = 0;
  }

  /** Reading its answer stops for a while, by our own doing. */
  pause(now: number): void {
    if (Number.isNaN(this.pausedAt)) this.pausedAt = now;
  }

  /** Reading goes on: the server has its time again. */
  resume(now: number): void {
    if (Number.isNaN(this.pausedAt)) return;
    this.pausedMs += now - this.pausedAt;
    this.pausedAt = Number.NaN;
    this.readAt = now;
  }
}
