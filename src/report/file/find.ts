import type { Path } from '../../document/index.ts';

/** A value found in a document. */
export interface Found<Value = unknown> {
  readonly path: Path;
  readonly value: Value;
}

/** Values at a path in which `*` means any key or index; the rest of the document may be anything. */
export function find(data: unknown, pattern: string): readonly Found[] {
  let found: readonly Found[] = [{ path: [], value: data }];
  for (const step of pattern.split('.')) found = found.flatMap((at) => children(at, step));
  return found;
}

/** Texts at such paths. */
export function findTexts(data: unknown, ...patterns: readonly string[]): readonly Found<string>[] {
  return patterns
    .flatMap((pattern) => find(data, pattern))
    .filter((found): found is Found<string> => typeof found.value === 'string');
}

function children({ path, value }: Found, step: string): readonly Found[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') {
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    return [...entries].map(([key, inner]) => ({ path: [...path, key], value: inner }));
  }
  return Object.hasOwn(value, step)
    ? [{ path: [...path, step], value: (value as Record<string, unknown>)[step] }]
    : [];
}
