import type { Row } from '../report.ts';

/**
 * The value of a column, or of a path into it (`user.name`); a column of that very name comes first. undefined when it
 * is missing: not there, null, or empty, which a CSV file can't tell apart.
 */
export function columnOf(row: Row, column: string): unknown {
  const value = Object.hasOwn(row, column)
    ? row[column]
    : column.includes('.')
      ? within(row, column)
      : undefined;
  return value === null || value === '' ? undefined : value;
}

function within(row: Row, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      row,
    );
}

/** A value as text; lists and maps as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
