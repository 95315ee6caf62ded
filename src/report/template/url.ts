import type { Field, Report, Request, Row, Variable } from '../report.ts';
import { type AuthorityColumns, columnsOfAuthority, rememberedAuthorities } from './authority.ts';
import { encoded } from './encode.ts';
import { fill, fillText, type TemplateVisitor } from './fill.ts';
import { secretValues, secretVariables, withoutSecretText } from './secrets.ts';
import { type Section, sectionAfter } from './section.ts';

/** A name, an IPv4 address, or an IPv6 one in brackets, with or without a port: nothing that could end a host. */
const HOST = /^(?:[\p{L}\p{M}\p{N}._-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/iu;
/** RFC 3986 §3.3: a URL parser takes these out, and the segment before them. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=[/?#]|$)/i;

/** A URL, or why a row has none. */
type Built = { readonly url: string } | { readonly error: string };

/** The URL of a request over a row: each value is encoded according to its position, and `query` is appended. */
export function urlOver(request: Request, report: Report): (row: Row) => Built {
  const { url, query } = request;
  const columns = columnsOfAuthority(url.parts);
  const variables = secretVariables(request, report);
  const isAuthority = rememberedAuthorities();
  return (row) => {
    const writer = new UrlWriter(columns, isAuthority);
    fill(url.parts, row, writer);
    const built = writer.finish();
    if ('url' in built) return { url: withQuery(built.url, query, row) };
    return { error: withoutSecretText(built.error, [...variables, ...secretValues(row, report)]) };
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

/** A URL being built. The text before a value decides how it is encoded. */
class UrlWriter implements TemplateVisitor {
  #url = '';
  #section: Section = 'start';
  #error: string | null = null;
  #hostValue = false;
  #dots = false;
  readonly #columns: AuthorityColumns;
  readonly #isAuthority: (authority: string) => boolean;

  constructor(columns: AuthorityColumns, isAuthority: (authority: string) => boolean) {
    this.#columns = columns;
    this.#isAuthority = isAuthority;
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
    const path = pathAt(this.#url);
    if (this.#dots && DOT_SEGMENT.test(this.#url.slice(path).replace(/[?#].*$/s, '')))
      return { error: "a path can't hold the segment '.' or '..' of this row: it would lead elsewhere" };
    if (this.#hostValue && !this.#isAuthority(this.#url.slice(0, path)))
      return { error: `'${this.#url}' is no URL` };
    return { url: this.#url };
  }

  /** A URL that is a value, or begins with one, is taken as it is. */
  #begin(text: string, column: string): void {
    if (this.#url === '' || /^[a-z]*$/i.test(text)) this.constant(text);
    else this.#fail(`the column '${column}' is '${text}', which can't be part of a scheme`);
  }

  #authority(text: string, column: string): void {
    this.#hostValue = true;
    if (this.#columns.logins.has(column)) this.#url += encoded(text);
    else if (text.startsWith('/') && !this.#url.endsWith('/')) this.#path(text);
    else if (this.#columns.paths.has(column))
      this.#fail(`the column '${column}' is '${text}', which would change the host; a path begins with '/'`);
    else if (HOST.test(text)) this.#url += text;
    else this.#fail(`the column '${column}' is '${text}', which is no host`);
  }

  /** A path right after the host: its slashes stay, and nothing else of it has a meaning. */
  #path(text: string): void {
    this.#section = 'path';
    this.#dots = true;
    this.#url += text.split('/').map(encoded).join('/');
  }

  #fail(error: string): void {
    this.#error ??= error;
  }
}

/** Where the path begins, or what replaces it. */
function pathAt(url: string): number {
  const authority = url.indexOf('://') + 3;
  const length = url.slice(authority).search(/[/\\?#]/);
  return length === -1 ? url.length : authority + length;
}
