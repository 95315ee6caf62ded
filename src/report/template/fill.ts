import type { Part, Row, Template, Variable } from '../report.ts';
import { columnOf, textOf } from './row.ts';

/** What takes up a template's parts, one after the other. */
export interface TemplateVisitor {
  constant(text: string): void;
  variable(variable: Variable): void;
  /** The value of a column. */
  value(text: string, column: string): void;
  /** A column that has no value, and no default. */
  missing(column: string): void;
}

/** Gives the parts of a template, filled in for a row, to a sink. */
export function fill(parts: readonly Part[], row: Row, sink: TemplateVisitor): void {
  for (const part of parts) {
    if (typeof part === 'string') sink.constant(part);
    else if ('variable' in part) sink.variable(part);
    else {
      const value = columnOf(row, part.column);
      if (value !== undefined && part.whenThere !== null) fill(part.whenThere, row, sink);
      else if (value !== undefined) sink.value(textOf(value), part.column);
      else if (part.fallback !== null) fill(part.fallback, row, sink);
      else sink.missing(part.column);
    }
  }
}

/** A template as plain text, nothing encoded; or the column whose value is missing. */
export function fillText(
  template: Template,
  row: Row,
): { readonly text: string } | { readonly missing: string } {
  let text = '';
  let missing: string | null = null;
  const add = (more: string) => {
    text += more;
  };
  fill(template.parts, row, {
    constant: add,
    variable: ({ value }) => add(value),
    value: add,
    missing: (column) => {
      missing ??= column;
    },
  });
  return missing === null ? { text } : { missing };
}
