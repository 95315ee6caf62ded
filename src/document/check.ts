import type { z } from 'zod';
import type { Document, Path } from './document.ts';
import type { Fault } from './error.ts';
import { didYouMean } from './words.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** The value of a document by this schema, or all its faults. A schema's own `error` says what was expected. */
export function checkDocument<Schema extends z.ZodType>(
  document: Document,
  schema: Schema,
): { readonly value: z.infer<Schema> } | { readonly faults: readonly Fault[] } {
  const checked = schema.safeParse(document.data, { error: expectation, reportInput: true });
  return checked.success
    ? { value: checked.data }
    : { faults: checked.error.issues.flatMap((issue) => faultsOf(issue, document.data, [])) };
}

/** What a schema expected, where it does not say so itself. For unknown keys: the keys that it has. */
function expectation(issue: RawIssue): string {
  const { inst } = issue as { inst?: z.core.$ZodType };
  switch (issue.code) {
    case 'unrecognized_keys':
      return Object.keys((inst as z.core.$ZodObject | undefined)?._zod.def.shape ?? {}).join(' ');
    case 'invalid_type':
      return EXPECTED[isWhole(inst) ? 'int' : issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return sizeWords(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return sizeWords(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return `a text like ${issue.pattern ?? issue.format}`;
    default:
      return 'something else';
  }
}

/** zod reports 'number' for values that are not numbers, and 'int' only for fractions. */
function isWhole(schema: z.core.$ZodType | undefined): boolean {
  return (schema as z.core.$ZodNumberFormat | undefined)?._zod.def.format === 'safeint';
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: "a list: '- ...', or [...]",
  object: "keys and values: 'key: value'",
  record: "keys and values: 'key: value'",
};

function sizeWords(origin: string, bound: string, limit: unknown): string {
  if (origin === 'array') return `${bound} ${limit} in the list`;
  if (origin === 'string') return limit === 1 ? 'a text that is not empty' : `${bound} ${limit} characters`;
  return `${bound} ${limit}`;
}

function faultsOf(issue: Issue, root: unknown, before: Path): Fault[] {
  const path = [...before, ...issue.path];
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, issue.message.split(' ')));
    case 'invalid_union':
      return faultsOfUnion(issue, root, path);
    case 'invalid_key':
      return [{ path, ofKey: true, text: keyText(String(path.at(-1)), issue.issues[0]!) }];
    case 'custom':
      return [
        { path, text: issue.message, ...(issue.params as { offset?: number; ofKey?: boolean } | undefined) },
      ];
    case 'invalid_value': {
      const words = issue.values.map(String);
      const meant = typeof value === 'string' ? didYouMean(value, words) : '';
      return [{ path, text: `${told(path, value)}; expected ${issue.message}${meant}` }];
    }
    default:
      if (value === undefined) return [missing(path, issue.message)];
      return [{ path, text: `${told(path, value)}; expected ${issue.message}` }];
  }
}

function keyText(key: string, { code, message }: Issue): string {
  return code === 'custom' ? message : `the name '${key}'; expected ${message}`;
}

function missing(path: Path, expected: string): Fault {
  return { path, text: `'${String(path.at(-1) ?? '')}' is missing; expected ${expected}` };
}

function unknownKey(path: Path, key: string, known: readonly string[]): Fault {
  const meant = didYouMean(key, known);
  const text = `unknown key '${key}'${meant || `; expected one of ${known.join(', ')}`}`;
  return { path: [...path, key], ofKey: true, text };
}

/** The faults of the choice that comes nearest; where none of them takes such a value at all, what all expected. */
function faultsOfUnion(issue: z.core.$ZodIssueInvalidUnion, root: unknown, path: Path): Fault[] {
  const choices = issue.errors.filter((issues) => !issues.some(isWrongKind));
  if (valueAt(root, path) === undefined) return [missing(path, issue.errors[0]![0]!.message)];
  if (choices.length === 0) {
    const expected = [...new Set(issue.errors.map((issues) => issues[0]!.message))];
    return [{ path, text: `${told(path, valueAt(root, path))}; expected ${expected.join(', or ')}` }];
  }
  const best = choices.reduce((least, issues) => (weightOf(issues) < weightOf(least) ? issues : least));
  return best.flatMap((inner) => faultsOf(inner, root, path));
}

function isWrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** A key that a choice doesn't know or misses weighs more than a wrong value in one that it has. */
function weightOf(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) =>
      sum +
      (issue.code === 'unrecognized_keys' ? 10 * issue.keys.length : 2 - Math.min(1, issue.path.length - 1)),
    0,
  );
}

/** 'timeout is 10'. */
function told(path: Path, value: unknown): string {
  const key = path.findLast((step) => typeof step === 'string');
  const subject =
    key === undefined ? 'the file' : typeof path.at(-1) === 'number' ? `an entry of '${key}'` : `'${key}'`;
  return `${subject} is ${shown(value)}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'empty';
  if (typeof value === 'object') return 'keys and values';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    root,
  );
}
