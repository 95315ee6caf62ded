import { nearest, type Place, placeWithin } from '../../document/index.ts';
import type { Report, Request, Template } from '../report.ts';
import { templatesOf } from './columns.ts';

/** `{id}`, but neither `{{id}}` nor `${ID}`. */
const BRACES = /(?<![{$])\{\s*([A-Za-z_][\w.]*)\s*\}/g;
/** `$HOME` of a shell: other words behind a dollar (`$filter`, `$name`) are OData's or GraphQL's. */
const SHELL_VARIABLE = /(?<![\w$])\$([A-Z][A-Z0-9_]+)\b/g;
const STATEMENT = /\{%.*?%\}/g;

/**
 * Text in templates that looks like a placeholder and is none, each as 'FILE:LINE:COLUMN: warning: what it is'. `columns` are those
 * of each request's rows, by its name, where they are known.
 */
export function lookalikesOf(
  report: Report,
  columns: ReadonlyMap<string, readonly string[] | null>,
): readonly string[] {
  return report.requests.flatMap((request) =>
    templatesOf(request).flatMap((template) => [
      ...bracesIn(template, columns.get(request.name) ?? [], request).map(({ word, meant, offset }) =>
        warning(report, template, offset, `'${word}' is sent as it is; did you mean '{{${meant}}}'?`),
      ),
      ...[...template.text.matchAll(SHELL_VARIABLE)].map(({ 0: word, 1: name, index }) =>
        warning(report, template, index, `'${word}' is sent as it is; did you mean '\${${name}}'?`),
      ),
      ...[...template.text.matchAll(STATEMENT)]
        .slice(0, 1)
        .map(({ 0: word, index }) =>
          warning(report, template, index, `'${word}' is sent as it is: ${NO_STATEMENTS}`),
        ),
    ]),
  );
}

const NO_STATEMENTS =
  "templates have no statements; did you mean '{{?column:text}}', which is the text where the column has a value?";

/** GraphQL and JSON have braces, too, but not in a path; elsewhere the word must be that of a column. */
function bracesIn({ text }: Template, columns: readonly string[], { url }: Request) {
  const pathEnd = text === url.text ? text.search(/[?#]|$/) : 0;
  return [...text.matchAll(BRACES)].flatMap(({ 0: word, 1: column, index }) => {
    const isColumn = columns.includes(column!) || columns.includes(column!.split('.')[0]!);
    if (!isColumn && index >= pathEnd) return [];
    return [{ word, offset: index, meant: isColumn ? column! : (nearest(column!, columns) ?? column!) }];
  });
}

function warning({ file }: Report, { place, text }: Template, offset: number, what: string): string {
  const { line, column }: Place = placeWithin(place, text, offset);
  return `${file}:${line}:${column}: warning: ${what}`;
}
