import type { Field, Hole, Part, Request, Row, Variable } from '../report.ts';
import { encoded } from './encode.ts';
import { fill, fillText, type Sink } from './fill.ts';

/** Which part of a URL comes next. `start`: its scheme, or nothing yet. */
type Section = 'start' | 'authority' | 'path' | 'query' | 'fragment';

/** A name, an IPv4 address, or an IPv6 one in brackets, with or without a port: nothing that could end a host. */
const HOST = /^(?:[\p{L}\p{M}\p{N}._-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/iu;
/** RFC 3986 §3.3: a URL parser takes these out, and the segment before them. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=[/?#]|$)/i;

/** A URL, or why a row has none. */
type Built = { readonly url: string } | { readonly error: string };

/** The URL of a request over a row: each value is encoded by where it stands, and `query` is appended. */
export function urlOver({ url, query }: Pick<Request, 'url' | 'query'>): (row: Row) => Built {
  const logins = columnsOfLogin(url.parts);
  return (row) => {
    const writer = new UrlWriter(logins);
    fill(url.parts, row, writer);
    const built = writer.finish();
    return 'url' in built ? { url: withQuery(built.url, query, row) } : built;
  };
}

/** A pair whose value is missing is left out. */
function withQuery(url: string, fields: readonly Field[], row: Row): string {
  if (fields.length === 0) return url;
  const pairs = fields.flatMap(({ name, value }) => {
    const filled = fillText(value, row);
    return 'missing' in filled ? [] : [`${encoded(name)}=${encoded(filled.text)}`];
  });
  if (pairs.length === 0) return url;
  const [address, ...fragment] = url.split('#') as [string, ...string[]];
  const separator = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&';
  return [`${address}${separator}${pairs.join('&')}`, ...fragment].join('#');
}

/** A URL in the making. What stands before a value says how it is encoded. */
class UrlWriter implements Sink {
  #url = '';
  #section: Section = 'start';
  #error: string | null = null;
  #hostValue = false;
  #dots = false;
  readonly #logins: ReadonlySet<string>;

  constructor(logins: ReadonlySet<string>) {
    this.#logins = logins;
  }

  constant(text: string): void {
    this.#url += text;
    this.#section = sectionAfter(this.#section, this.#url, text);
  }

  /** Its owner is the author of the file: as it is, but for a value of the query. */
  variable({ value }: Variable): void {
    const isQueryValue = this.#section === 'query' && /=[^&]*$/.test(this.#url);
    if (isQueryValue) this.#url += encoded(value);
    else this.constant(value);
  }

  value(text: string, column: string): void {
    if (this.#section === 'start') this.#begin(text, column);
    else if (this.#section === 'authority') this.#authority(text, column);
    else {
      if (this.#section === 'path' && /^\.+$/.test(text)) this.#dots = true;
      this.#url += encoded(text);
    }
  }

  missing(column: string): void {
    this.#fail(`the row has no value for the column '${column}'`);
  }

  finish(): Built {
    if (this.#error !== null) return { error: this.#error };
    if (this.#dots && DOT_SEGMENT.test(pathOf(this.#url)))
      return { error: "a path can't hold the segment '.' or '..' of this row: it would lead elsewhere" };
    if (this.#hostValue && !URL.canParse(this.#url)) return { error: `'${this.#url}' is no URL` };
    return { url: this.#url };
  }

  /** A URL that is a value, or begins with one, is taken as it is. */
  #begin(text: string, column: string): void {
    if (this.#url === '' || /^[a-z]*$/i.test(text)) this.constant(text);
    else this.#fail(`the column '${column}' is '${text}', which can't be part of a scheme`);
  }

  #authority(text: string, column: string): void {
    this.#hostValue = true;
    if (this.#logins.has(column)) this.#url += encoded(text);
    else if (HOST.test(text)) this.#url += text;
    else this.#fail(`the column '${column}' is '${text}', which is no host`);
  }

  #fail(error: string): void {
    this.#error ??= error;
  }
}

/** The section after `text`, which is the end of `url`. */
function sectionAfter(before: Section, url: string, text: string): Section {
  let section = before;
  let rest = text;
  if (section === 'start') {
    const authority = url.indexOf('://');
    if (authority === -1) return 'start';
    section = 'authority';
    rest = url.slice(authority + 3);
  }
  if (section === 'authority') {
    const end = rest.search(/[/\\?#]/);
    if (end === -1) return 'authority';
    section = 'path';
    rest = rest.slice(end);
  }
  if (section !== 'fragment' && rest.includes('#')) return 'fragment';
  return section === 'path' && rest.includes('?') ? 'query' : section;
}

function pathOf(url: string): string {
  const authority = url.indexOf('://') + 3;
  return url.slice(Math.max(0, url.slice(authority).search(/[/\\]/) + authority)).replace(/[?#].*$/s, '');
}

/** Columns that stand before the '@' of an authority: a user's name or password. */
function columnsOfLogin(parts: readonly Part[]): ReadonlySet<string> {
  let section: Section = 'start';
  let url = '';
  let before: Hole[] = [];
  const logins = new Set<string>();
  for (const part of flat(parts)) {
    if (typeof part !== 'string' && 'column' in part) {
      if (section === 'authority') before.push(part);
      continue;
    }
    const text = typeof part === 'string' ? part : part.value;
    if (section === 'authority' && text.split(/[/\\?#]/)[0]!.includes('@')) {
      for (const hole of before) logins.add(hole.column);
      before = [];
    }
    url += text;
    section = sectionAfter(section, url, text);
  }
  return logins;
}

/** Parts in the order in which they stand, a conditional's text in its place. */
function flat(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) =>
    typeof part !== 'string' && 'column' in part && part.whenThere !== null ? flat(part.whenThere) : [part],
  );
}
