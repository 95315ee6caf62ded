import type { Exchange } from '../../trace/browser.ts';

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
