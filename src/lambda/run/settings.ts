import { ratePerS } from '../../fetch/index.ts';
import type { Report } from '../../report/index.ts';
import { LambdaError } from '../error.ts';

/** How a function is set up: by the variables of its environment. */
export interface Settings {
  /** ABREAST_REPORT: the report, as its path in the package or as s3://bucket/key. */
  readonly report: string;
  /** ABREAST_STORAGE: where chunk files, tables and the state of runs are: s3://bucket/prefix. */
  readonly storage: string;
  /** ABREAST_QUEUE_URL: the queue by which an invocation hands on what is left; null: it returns a token. */
  readonly queueUrl: string | null;
  /** ABREAST_CHUNK_ROWS: rows that are written together, and fetched again together when an invocation is killed; null: by the limits of the report. */
  readonly chunkRows: number | null;
}

/** A chunk takes as long as so many answers, one after the other: an invocation can't use less time than that at its end. */
const ANSWERS = 4;
const LEAST_ROWS = 50;
const MOST_ROWS = 500;

/** Rates may allow fewer rows: a chunk is to take no longer than this share of an invocation. */
const RATE_SHARE = 0.1;

/** The rows of a chunk, for a report with these limits and invocations of so much time. */
export function chunkRowsFor(
  { concurrency, rate, perOriginRate }: Report['limits'],
  wholeMs: number,
): number {
  const rows = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, ANSWERS * concurrency));
  // All rows may be of one origin.
  const rates = [rate, perOriginRate].filter((rate) => rate !== null);
  const perS = Math.min(...rates.map((rate) => ratePerS(rate, 'rate')));
  return Math.max(1, Math.min(rows, Math.floor((perS * RATE_SHARE * wholeMs) / 1000)));
}

/** @throws LambdaError */
export function settingsOf(env: NodeJS.ProcessEnv): Settings {
  const needed = (name: string, what: string) => {
    const value = env[name];
    if (value) return value;
    throw new LambdaError(`the variable ${name} is not set; it is ${what}.`);
  };
  return {
    report: needed('ABREAST_REPORT', 'the path of the report in the package, or s3://bucket/key'),
    storage: needed('ABREAST_STORAGE', 'the place of the runs: s3://bucket/prefix'),
    queueUrl: queueUrlOf(env.ABREAST_QUEUE_URL),
    chunkRows: chunkRowsOf(env.ABREAST_CHUNK_ROWS),
  };
}

function queueUrlOf(text: string | undefined): string | null {
  if (!text) return null;
  if (/^https?:\/\/./.test(text) && URL.canParse(text)) return text;
  throw new LambdaError(
    `ABREAST_QUEUE_URL is '${text}'; it is the URL of a queue, which begins with https://, and not its name or ARN.`,
  );
}

function chunkRowsOf(text: string | undefined): number | null {
  if (!text) return null;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new LambdaError(`ABREAST_CHUNK_ROWS is '${text}'; it is a whole number from 1 to 999999.`);
}
