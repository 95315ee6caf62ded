/** Which part of a URL comes next. `start`: its scheme, or nothing yet. */
export type Section = 'start' | 'authority' | 'path' | 'query' | 'fragment';

/** The section after `text`, which is the end of `url`. */
export function sectionAfter(before: Section, url: string, text: string): Section {
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
