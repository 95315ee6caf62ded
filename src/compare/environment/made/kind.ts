import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CompareError } from '../../error.ts';

/** The files that environments are made of. */
export type FileKind = 'requirements' | 'pylock' | 'uv' | 'poetry' | 'pipenv' | 'npm';

/** What a file is, by its content, so that a copy of a lock file may have any name. @throws CompareError where it is none */
export function kindOf(given: string, file: string): FileKind {
  const text = readFileSync(file, 'utf8');
  const kind = text.trimStart().startsWith('{') ? ofJson(given, text) : ofText(text, basename(file));
  if (kind !== null) return kind;
  throw new CompareError(`${given}: ${OTHERS.find(([name]) => name.test(basename(file)))?.[1] ?? NONE}`);
}

function ofJson(given: string, text: string): FileKind | null {
  const parsed = parse(given, text);
  if ('lockfileVersion' in parsed) return 'npm';
  return '_meta' in parsed && 'default' in parsed ? 'pipenv' : null;
}

function parse(given: string, text: string): object {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CompareError(`${given}: this is no JSON: ${(error as Error).message}`);
  }
}

function ofText(text: string, name: string): FileKind | null {
  if (/^lock-version\s*=/m.test(text) && /^\[\[packages\]\]/m.test(text)) return 'pylock';
  if (/^version = \d+$/m.test(text) && /^requires-python = /m.test(text)) return 'uv';
  if (/^content-hash = /m.test(text) && /^\[\[package\]\]/m.test(text)) return 'poetry';
  return /\.(txt|in)$/.test(name) ? 'requirements' : null;
}

/** What people would try next, and what they can give instead. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^(Pipfile|pyproject\.toml|setup\.(py|cfg))$/, 'give its lock file, or a requirements file (.txt)'],
  [/^package\.json$/, 'give its package-lock.json'],
  [
    /^(yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/,
    'install it into a folder of its own, and give that folder with its node_modules',
  ],
];

const NONE =
  'this is no environment: give a venv, a folder with node_modules, the file of an interpreter, a requirements file (.txt), or a lock file of uv, Poetry, Pipenv or npm';
