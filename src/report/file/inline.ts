import type { Fault, Path } from '../../document/index.ts';
import type { Row } from '../report.ts';
import { type EnvironmentVariables, fillVariables, isSecretVariable } from '../template/index.ts';
import { type Found, find } from './find.ts';
import type { RowsEntry } from './schema.ts';

/** Rows that stand in the file, with the variables in their texts filled in, however deep. */
export function filledRows(rows: readonly Row[], filled: (text: string) => string): readonly Row[] {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return filled(value);
    if (Array.isArray(value)) return value.map(fill);
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
  };
  return rows.map((row) => fill(row) as Row);
}

/** Variables in such rows that are missing. */
export function inlineFaults(data: unknown, env: EnvironmentVariables): readonly Fault[] {
  return ['rows.inline', 'requests.*.rows.inline']
    .flatMap((pattern) => find(data, pattern))
    .flatMap((rows) => [...textsIn(rows)])
    .flatMap(({ path, value }) => fillVariables(value, env).faults.map((fault) => ({ path, ...fault })));
}

/** Columns of such rows, `token` or `user.token`, that hold a secret variable: they are secret, too. */
export function secretColumns(
  { inline = [], rename = {} }: RowsEntry,
  secret: readonly string[],
  env: EnvironmentVariables,
): readonly string[] {
  const columns = [...textsIn({ path: [], value: inline })]
    .filter(({ value }) =>
      fillVariables(value, env).variables.some((name) => isSecretVariable(name, { secret })),
    )
    .map(({ path: [, column, ...inner] }) => {
      const name = Object.hasOwn(rename, String(column)) ? rename[String(column)] : String(column);
      return [name, ...keysAhead(inner)].join('.');
    });
  return [...new Set(columns)];
}

/** Up to the first index of a list: a list is secret as a whole. */
function keysAhead(path: Path): Path {
  const index = path.findIndex((step) => typeof step === 'number');
  return index === -1 ? path : path.slice(0, index);
}

function* textsIn({ path, value }: Found): Generator<Found<string>> {
  if (typeof value === 'string') yield { path, value };
  const entries = Array.isArray(value) ? value.entries() : isMap(value) ? Object.entries(value) : [];
  for (const [key, inner] of entries) yield* textsIn({ path: [...path, key], value: inner });
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
