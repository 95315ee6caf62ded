import { extname } from 'node:path';
import type { z } from 'zod';
import { didYouMean } from '../../document/index.ts';
import { isHttp, schemeOf, strangeUrl } from './scheme.ts';

/** Rules between the keys of one entry, which its shape alone does not say; `meta` is the part of them that JSON Schema can say. */

/** One of these keys, and no second one. */
export function exactlyOne<Shape extends z.ZodRawShape>(keys: readonly string[], entry: z.ZodObject<Shape>) {
  const checked = entry.superRefine((value, context) => {
    const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    if (given.length === 0)
      context.addIssue({ code: 'custom', message: `one of ${keys.join(', ')} is missing here` });
    for (const key of given.slice(1))
      context.addIssue({
        code: 'custom',
        path: [key],
        params: { ofKey: true },
        message: `'${key}' and '${given[0]}' exclude each other; expected one of ${keys.join(', ')}`,
      });
  });
  return checked.meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}

const OF_NEXT: Readonly<Record<string, readonly string[]>> = {
  link: [],
  url: ['path'],
  cursor: ['path', 'parameter'],
  counter: ['parameter', 'items', 'start?', 'step?'],
};

/** What each way to the next page needs, and nothing else. */
export function fitsNext<Shape extends z.ZodRawShape>(entry: z.ZodObject<Shape>) {
  const checked = entry.superRefine((value, context) => {
    const { next, most: _, ...others } = value as Record<string, unknown>;
    const allowed = OF_NEXT[next as string]!;
    for (const key of allowed.filter((key) => !key.endsWith('?') && others[key] === undefined))
      context.addIssue({ code: 'custom', message: `'${key}' is missing; next: ${next} needs it` });
    for (const key of Object.keys(others).filter((key) => others[key] !== undefined))
      if (!allowed.includes(key) && !allowed.includes(`${key}?`))
        context.addIssue({
          code: 'custom',
          path: [key],
          params: { ofKey: true },
          message: `'${key}' has no meaning with next: ${next}`,
        });
  });
  return checked.meta({
    anyOf: Object.entries(OF_NEXT).map(([next, keys]) => ({
      properties: { next: { const: next } },
      required: keys.filter((key) => !key.endsWith('?')),
    })),
  });
}

const KIND_OF: Readonly<Record<string, FileKind>> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.md': 'markdown',
  '.prom': 'prometheus',
  '.duckdb': 'duckdb',
  '.db': 'duckdb',
};

export type FileKind = 'csv' | 'jsonl' | 'parquet' | 'markdown' | 'prometheus' | 'duckdb';

interface DumpTarget {
  readonly to: string;
  readonly format?: FileKind | undefined;
}

/** What a dump goes to. null: the file's name does not say what it is to be, or nothing writes to such a URL. */
export function dumpKind({ to, format }: DumpTarget): FileKind | 'terminal' | 'webhook' | null {
  if (to === 'terminal') return 'terminal';
  const scheme = schemeOf(to);
  if (scheme !== null && scheme !== 's3') return isHttp(scheme) ? 'webhook' : null;
  return format ?? KIND_OF[extname(to).toLowerCase()] ?? null;
}

const TARGETS = 'terminal, a file, or a URL that begins with http://, https:// or s3://';

/** Why a dump can't go there; null where it can. */
export function targetFault(dump: DumpTarget): string | null {
  const kind = dumpKind(dump);
  const scheme = schemeOf(dump.to);
  if (kind === 'duckdb' && scheme !== null)
    return "a DuckDB file is changed in its place, and that can't be in S3; expected .parquet, .csv or .jsonl there";
  if (kind !== null) return null;
  if (scheme !== null && scheme !== 's3') return strangeUrl(dump.to, TARGETS);
  return (
    `'to' is '${dump.to}'; expected ${TARGETS}; a file ends in ${Object.keys(KIND_OF).join(', ')}, ` +
    `or has a 'format'${didYouMean(dump.to, ['terminal'])}`
  );
}

/** Keys that only some kinds of dumps have. A variable that begins the target is not known here. */
export function kindOfDump<Shape extends z.ZodRawShape>(entry: z.ZodObject<Shape>) {
  return entry.superRefine((value, context) => {
    const dump = value as unknown as DumpTarget & {
      mode?: string;
      key?: unknown;
      csvSafe?: unknown;
      headers?: unknown;
    };
    const kind = dumpKind(dump);
    const stray = (key: string, of: string) =>
      context.addIssue({
        code: 'custom',
        path: [key],
        params: { ofKey: true },
        message: `'${key}' is for ${of} only`,
      });
    const isKnown = !dump.to.startsWith('${');
    const fault = targetFault(dump);
    if (fault !== null && isKnown) context.addIssue({ code: 'custom', path: ['to'], message: fault });
    if (kind === 'duckdb' && dump.mode === 'upsert' && dump.key === undefined)
      context.addIssue({
        code: 'custom',
        message: "'key' is missing; mode: upsert needs the columns that name a row",
      });
    if (dump.mode !== undefined && kind !== 'duckdb' && isKnown) stray('mode', 'a DuckDB file');
    if (dump.key !== undefined && dump.mode !== 'upsert') stray('key', 'mode: upsert');
    if (dump.csvSafe !== undefined && kind !== 'csv' && isKnown) stray('csvSafe', 'a CSV file');
    if (dump.headers !== undefined && kind !== null && kind !== 'webhook') stray('headers', 'a URL');
  });
}
