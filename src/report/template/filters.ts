import { nearest } from '../../document/index.ts';

/** Names of other template languages' filters that hardly anybody means as text, and what does the same here. */
const FILTERS: ReadonlyMap<string, string> = new Map([
  ...['urlencode', 'url_encode', 'urlquote', 'uriencode', 'escape', 'tojson', 'to_json'].map(
    (name) => [name, 'encoded'] as const,
  ),
  ...['upper', 'lower', 'upcase', 'downcase', 'uppercase', 'lowercase', 'trim', 'strip', 'capitalize'].map(
    (name) => [name, 'sql'] as const,
  ),
]);

/** `upper`, `default('x')`, `default: "x"`, `replace(' ', '-')`, and what may follow behind another `|`. */
const FILTER = /^\s*([A-Za-z_]\w*)(?:\((.*)\)|:\s*(['"].*['"]))?\s*(?:\|.*)?$/s;

/**
 * Why the text behind `{{column|` can't be meant as a text for a missing value: it calls a filter, which templates do not
 * have. null where it is a text.
 */
export function filterFault(column: string, text: string): string | null {
  const match = FILTER.exec(text);
  if (match === null) return null;
  const [, name = '', inBrackets, behindColon] = match;
  const argument = inBrackets ?? behindColon;
  if (argument === undefined && !FILTERS.has(name)) return null;
  return `templates have no filters, and '${text.trim()}' would be the text for a missing value; ${meant(column, name, argument)}`;
}

function meant(column: string, name: string, argument: string | undefined): string {
  if (nearest(name, ['default']) !== null && argument !== undefined)
    return `did you mean '{{${column}|${argument.replace(/^\s*(['"])(.*)\1\s*$/s, '$2')}}}'?`;
  const known = nearest(name, FILTERS.keys()) ?? name;
  if (FILTERS.get(known) === 'encoded')
    return `did you mean '{{${column}}}'? Values are encoded according to their position`;
  return `make a column of it in SQL: rows: { sql: "select *, ${known}(${column}) as ... from ..." }`;
}
