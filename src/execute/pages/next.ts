import { FetchError, type Result } from '../../fetch/index.ts';
import { redactText, redactUrl } from '../../trace/index.ts';
import type { NextPages } from '../order.ts';
import { linkedNext } from './link.ts';
import { valueAt } from './path.ts';

/** Characters of an answer that a message shows. */
const MOST_SHOWN = 200;

/** What a page says about the one after it: that it was the last one, or nothing where it should say it. */
export type NextPage = { readonly url: string } | 'none' | 'unsaid' | { readonly error: FetchError };

/** The URL of a row's first page: a counter begins where it was told to. */
export function firstPage(url: string, pages: NextPages | null): string {
  if (pages?.next !== 'counter' || !URL.canParse(url)) return url;
  return withParameter(url, pages.parameter, pages.start);
}

/** Where the page after this good answer is. `url`: what was asked for; `page`: its number, from 1. */
export function nextPage(pages: NextPages, result: Result, url: string, page: number): NextPage {
  try {
    const next = urlOfNext(pages, result, url, page);
    if (next === undefined) return 'unsaid';
    return next === null ? 'none' : { url: next };
  } catch (error) {
    return { error: error instanceof FetchError ? error : badPage((error as Error).message) };
  }
}

/** null: there is none; undefined: the path finds nothing. */
function urlOfNext(pages: NextPages, result: Result, url: string, page: number): string | null | undefined {
  const base = result.finalUrl ?? url;
  switch (pages.next) {
    case 'link':
      return absolute(linkedNext(result.headers?.link), base);
    case 'url': {
      const value = valueAt(result, pages.path);
      if (value === undefined) return undefined;
      if (isEnd(value)) return null;
      if (typeof value === 'string') return absolute(value, base);
      throw badPage(`${pages.path} of the answer is ${shown(value)}, which is no URL`);
    }
    case 'cursor': {
      const value = valueAt(result, pages.path);
      if (value === undefined) return undefined;
      if (isEnd(value)) return null;
      if (typeof value === 'string' || typeof value === 'number')
        return withParameter(url, pages.parameter, value);
      throw badPage(`${pages.path} of the answer is ${shown(value)}, which is no cursor`);
    }
    case 'counter': {
      const items = valueAt(result, pages.items);
      if (items === undefined) return undefined;
      if (!Array.isArray(items) || items.length === 0) return null;
      return withParameter(url, pages.parameter, pages.start + page * pages.step);
    }
  }
}

/** Values with which APIs say that there is no next page. */
function isEnd(value: unknown): boolean {
  return value === null || value === '' || value === false;
}

function absolute(reference: string | null, base: string): string | null {
  if (reference === null) return null;
  if (URL.canParse(reference, base)) return new URL(reference, base).href;
  throw badPage(
    `the next page is said to be at '${redactUrl(reference).slice(0, MOST_SHOWN)}', which is no URL`,
  );
}

function withParameter(url: string, name: string, value: string | number): string {
  const next = new URL(url);
  next.searchParams.set(name, `${value}`);
  return next.href;
}

/** What an answer says, in a message. */
function shown(value: unknown): string {
  return redactText(JSON.stringify(value)).slice(0, MOST_SHOWN);
}

function badPage(text: string): FetchError {
  return new FetchError('bad-page', text);
}
