import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The source files of src/, by their path in it ('trace/reader.ts'). */
export type House = ReadonlyMap<string, SourceFile>;

export interface SourceFile {
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: './reader.ts', 'commander'. */
  readonly from: string;
  /** The path in src/ it leads to; undefined for a package. */
  readonly to: string | undefined;
  /** `import type`: gone at run time. */
  readonly how: 'value' | 'type' | 'lazy';
  /** From 1. */
  readonly line: number;
}

/** Reads all of ROOT/src. */
export function readHouse(root: string): House {
  const src = join(root, 'src');
  const paths = globSync('**/*.{ts,tsx}', { cwd: src }).sort();
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(src, path), 'utf8');
      return [path, { text, imports: readImports(path, text) }];
    }),
  );
}

// The formatter, part of the same check, puts every static import and re-export at the start of a line with its
// source in single quotes; a lazy one with a name that is no literal shows as from ''.
const STATIC =
  /^(?:import|export)( type)?\s+(?:[\w$]+,?\s*)?(?:\*(?: as [\w$]+)?|\{[^}]*\})?\s*from '([^']+)'|^import '([^']+)'/gm;
const LAZY = /\bimport\(\s*(?:'([^']+)')?/g;

function readImports(path: string, text: string): Import[] {
  const imports: Import[] = [];
  const add = (from: string, how: Import['how'], index: number) =>
    imports.push({ from, how, to: target(path, from), line: text.slice(0, index).split('\n').length });

  for (const { 1: type, 2: from, 3: bare, index } of text.matchAll(STATIC)) {
    add((from ?? bare)!, type ? 'type' : 'value', index);
  }
  for (const { 1: from, index } of text.matchAll(LAZY)) add(from ?? '', 'lazy', index);
  return imports;
}

function target(path: string, from: string): string | undefined {
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : undefined;
}
