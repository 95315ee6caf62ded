import type { Exchange } from '../../trace/browser.ts';
import type { TimeColumns } from './times.ts';

/** Why an exchange was made again, before its URL: a first one has nothing. */
const MARKS: Readonly<Record<NonNullable<Exchange['because']>, string>> = {
  first: '',
  retry: '↻ ',
  redirect: '↪ ',
  challenge: '⚷ ',
  page: '» ',
};

/** What the marks mean, for people. */
export const BECAUSE_WORDS: Readonly<Record<NonNullable<Exchange['because']>, string>> = {
  first: 'first attempt',
  retry: 'retry',
  redirect: 'redirect',
  challenge: 'again, with credentials',
  page: 'next page',
};

/** 'GET /items?page=2'; with its host where a run has several origins. */
export function exchangeLabel(
  { method, url, origin, because = 'first' }: Exchange,
  withOrigin: boolean,
): string {
  const verb = method === undefined || method === 'GET' ? '' : `${method} `;
  if (url === undefined) return `${MARKS[because]}${verb}${origin}`;
  const path = url.startsWith(origin) ? url.slice(origin.length) || '/' : url;
  return `${MARKS[because]}${verb}${withOrigin ? withoutScheme(origin) : ''}${path}`;
}

function withoutScheme(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}

/** '200', 'timeout-connect', 'unfinished' */
export function resultOf({ status, error, failedUs, readUs }: Exchange): string {
  if (typeof error === 'string') return error;
  if (typeof status === 'number') return String(status);
  return typeof readUs === 'number' ? '' : failedUs === undefined ? 'unfinished' : 'ended';
}

/** What is written beside the row of an exchange: at the left what it is, at the right what it came to. */
export interface RowLabel {
  readonly text: string;
  readonly result: string;
  /** It failed, or its status is an error. */
  readonly isBad: boolean;
}

export function labelOf(exchange: Exchange, withOrigin: boolean): RowLabel {
  const { status, error } = exchange;
  const isBad = typeof error === 'string' || (typeof status === 'number' && status >= 400);
  return { text: exchangeLabel(exchange, withOrigin), result: resultOf(exchange), isBad };
}

/** How an exchange ended, if not with an answer: it failed, or nobody saw its end. */
export function endOf(
  exchanges: readonly Exchange[],
  { isOpen }: TimeColumns,
): (exchange: number) => 'failed' | 'open' | null {
  return (at) => {
    if (typeof exchanges[at]!.error === 'string') return 'failed';
    return isOpen[at] === 1 ? 'open' : null;
  };
}
