import type { Part } from '../report.ts';
import { type Section, sectionAfter } from './section.ts';

/** Columns of the part of a URL between its scheme and its path, by what they are there. */
export interface AuthorityColumns {
  /** A user's name or password: before the '@'. */
  readonly logins: ReadonlySet<string>;
  /** Right after the end of a whole host or port, so that only a path can be meant: `https://example.com{{path}}`. */
  readonly paths: ReadonlySet<string>;
}

/** Looks a template over, once for all rows. */
export function columnsOfAuthority(parts: readonly Part[]): AuthorityColumns {
  const logins = new Set<string>();
  const paths = new Set<string>();
  let section: Section = 'start';
  let url = '';
  let before: string[] = [];
  const all = flat(parts).map((part) => (typeof part === 'string' || 'column' in part ? part : part.value));
  for (const [at, part] of all.entries()) {
    if (typeof part !== 'string') {
      if (section !== 'authority') continue;
      before.push(part.column);
      if (isWholeHost(url) && !goesOn(all[at + 1])) paths.add(part.column);
      continue;
    }
    if (section === 'authority' && part.split(/[/\\?#]/)[0]!.includes('@')) {
      for (const column of before) logins.add(column);
      before = [];
    }
    url += part;
    section = sectionAfter(section, url, part);
  }
  return { logins, paths };
}

/** 'https://example.com', 'http://localhost:80', 'http://[::1]'; not 'https://node', which a number may follow. */
function isWholeHost(url: string): boolean {
  const authority = url.slice(url.indexOf('://') + 3).replace(/^.*@/, '');
  return /[.:]/.test(authority) && /[\p{L}\p{N}\]]$/u.test(authority);
}

/** Whether what comes next belongs to the authority as well. */
function goesOn(next: string | object | undefined): boolean {
  return typeof next === 'string' && !/^[/\\?#]/.test(next);
}

/** Parts in the order in which they stand, a conditional's text in its place. */
function flat(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) =>
    typeof part !== 'string' && 'column' in part && part.whenThere !== null ? flat(part.whenThere) : [part],
  );
}

/** Authorities that were found right. A run has many rows of few hosts. */
const MOST_REMEMBERED = 10_000;

/** Whether the part before the path of a URL parses. */
export function rememberedAuthorities(): (authority: string) => boolean {
  const right = new Set<string>();
  return (authority) => {
    if (right.has(authority)) return true;
    if (!URL.canParse(authority)) return false;
    if (right.size < MOST_REMEMBERED) right.add(authority);
    return true;
  };
}
