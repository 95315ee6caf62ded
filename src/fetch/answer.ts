import { redactText, redactUrl } from '../trace/index.ts';
import { textOf } from './bodies/charset.ts';
import type { FetchError } from './errors.ts';
import type { Fields } from './fields.ts';
import type { Input } from './input.ts';
import type { Job } from './job.ts';
import type { Result } from './result.ts';

/** A result, made of a job that is done; or of an input that never was one. */
export class Answer<Data> implements Result<Data> {
  readonly index: number;
  readonly input: string | Input<Data>;
  readonly data: Data | null;
  readonly url: string;
  readonly finalUrl: string | null;
  readonly status: number | null;
  readonly error: FetchError | null;
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly waitMs: number | null;
  readonly connectMs: number | null;
  readonly ttfbMs: number | null;
  readonly totalMs: number | null;
  readonly bytes: number;
  readonly headers: Fields | null;
  readonly body: Buffer | null;

  /** `headers`: of the job's head, or a copy. */
  constructor(job: Job, headers: Fields | null, body: Buffer | null, error: FetchError | null) {
    const { head } = job;
    this.index = job.index;
    this.input = job.input as string | Input<Data>;
    this.data = job.data as Data | null;
    this.url = job.first.href;
    this.finalUrl = head === null ? null : job.target.href;
    this.status = head === null ? null : head.status;
    this.error = error;
    this.attempts = job.attempts;
    this.startedAt = known(performance.timeOrigin + job.attemptAt);
    this.waitMs = known(job.attemptAt - job.firstWantedAt);
    this.connectMs = job.attempts === 0 ? null : job.connectMs;
    this.ttfbMs = known(job.answeredAt - job.sentAt);
    this.totalMs = known(job.endedAt - job.attemptAt);
    this.bytes = job.wireBytes;
    this.headers = headers;
    this.body = body;
  }

  text(): string {
    return this.body === null ? '' : textOf(this.body, this.headers?.['content-type']);
  }

  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch (error) {
      const where = redactUrl(this.finalUrl ?? this.url);
      const why = redactText((error as Error).message);
      throw new SyntaxError(`the answer of ${where} is not JSON: ${why}`, { cause: error });
    }
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
