import { isSecretName, redactText } from '../../trace/index.ts';
import type { Report, Request, Row, Template } from '../report.ts';
import { templatesOf } from './columns.ts';
import { encoded } from './encode.ts';
import { holesOf, variablesOf } from './parse.ts';
import { columnOf, textOf } from './row.ts';

/** Whether a variable of the environment holds a secret: by its name, or because the file says so. */
export function isSecretVariable(name: string, { secret }: Pick<Report, 'secret'>): boolean {
  return secret.includes(name) || isSecretName(name) || /key$/i.test(name);
}

/** Whether a secret column or variable is in a template. */
export function isSecret({ parts }: Template, report: Pick<Report, 'secret'>): boolean {
  return (
    holesOf(parts).some(({ column }) => isSecretColumn(column, report)) ||
    variablesOf(parts).some(({ variable }) => isSecretVariable(variable, report))
  );
}

/** A column is secret if a column around it or inside it is. */
function isSecretColumn(column: string, { secret }: Pick<Report, 'secret'>): boolean {
  return secret.some(
    (name) => name === column || column.startsWith(`${name}.`) || name.startsWith(`${column}.`),
  );
}

/** What must never be written of a request, whatever the row: values of its secret variables. */
export function secretVariables(request: Request, report: Report): readonly string[] {
  const values = templatesOf(request)
    .flatMap(({ parts }) => [...variablesOf(parts)])
    .filter(({ variable }) => isSecretVariable(variable, report))
    .map(({ value }) => value);
  return formsOf(values);
}

/** What must never be written of a row: the values of its secret columns. */
export function secretValues(row: Row, { secret }: Pick<Report, 'secret'>): readonly string[] {
  if (secret.length === 0) return [];
  return formsOf(secret.flatMap((column) => leavesOf(columnOf(row, column))));
}

/** A row as it may be written: without its secret columns. */
export function withoutSecrets(row: Row, { secret }: Pick<Report, 'secret'>): Row {
  return secret.reduce(
    (kept, column) => without(kept, Object.hasOwn(kept, column) ? [column] : column.split('.')),
    row,
  );
}

/** A text that may be shown: `***` for each of these, and for what a URL in it says of a login. */
export function withoutSecretText(text: string, secrets: readonly string[]): string {
  const masked = secrets
    .toSorted((one, other) => other.length - one.length)
    .reduce((kept, secret) => kept.replaceAll(secret, '***'), text);
  return redactText(masked);
}

/** Each value unencoded, and as encoded in a URL or in JSON. */
export function formsOf(values: readonly string[]): readonly string[] {
  const forms = values.flatMap((value) => [value, encoded(value), JSON.stringify(value).slice(1, -1)]);
  return [...new Set(forms)].filter((form) => form !== '');
}

function leavesOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [textOf(value)];
  return [textOf(value), ...Object.values(value).flatMap(leavesOf)];
}

function without(row: Row, [key, ...inner]: readonly string[]): Row {
  if (key === undefined || !Object.hasOwn(row, key)) return row;
  const { [key]: value, ...rest } = row;
  if (inner.length === 0) return rest;
  const within = typeof value === 'object' && value !== null && !Array.isArray(value);
  return within ? { ...row, [key]: without(value as Row, inner) } : row;
}
