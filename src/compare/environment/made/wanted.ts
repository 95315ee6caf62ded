import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CompareError } from '../../error.ts';
import type { FileKind } from './kind.ts';
import { poetryLines } from './poetry.ts';

/** What a file asks to be installed. */
export interface Wanted {
  /** All that names the environment: the file, with the files that it includes. */
  readonly text: string;
  /** What it requires is in it as well, so that nothing else is to be installed. */
  readonly isComplete: boolean;
  /** A folder that it installs, whose content the text does not tell. */
  readonly local: string | null;
  /** Only uv can install it. */
  readonly needsUv: boolean;
  /** Gives the file for `pip install -r`, written into a folder where it is none yet. */
  requirements(folder: string, tools: Tools): Promise<string>;
}

/** What files of other kinds are read with. */
export interface Tools {
  /** Runs `uv export` in a folder, and gives what it prints. */
  exported(project: string): Promise<string>;
  /** The Python of the new environment, with pip. */
  readonly python: string;
}

/** @throws CompareError where the file has what can't be installed elsewhere */
export function wantedOf(given: string, file: string, kind: Exclude<FileKind, 'npm'>): Wanted {
  const text = readFileSync(file, 'utf8');
  const complete = { text, isComplete: true, local: null, needsUv: false };
  switch (kind) {
    case 'requirements': {
      const all = withIncluded(given, file);
      const local = localIn(all);
      return { text: all, isComplete: false, local, needsUv: false, requirements: async () => file };
    }
    case 'pylock':
      return {
        ...complete,
        needsUv: true,
        requirements: async (folder) => written(folder, 'pylock.toml', text),
      };
    case 'uv':
      return {
        ...complete,
        needsUv: true,
        requirements: async (folder, { exported }) => {
          written(folder, 'uv.lock', text);
          written(folder, 'pyproject.toml', projectOf(text));
          return written(folder, 'requirements.txt', await exported(folder));
        },
      };
    case 'poetry':
      return {
        ...complete,
        requirements: async (folder, { python }) =>
          written(folder, 'requirements.txt', await poetryLines(given, file, python)),
      };
    case 'pipenv': {
      const lines = pipenvLines(given, text).join('\n');
      return { ...complete, requirements: async (folder) => written(folder, 'requirements.txt', lines) };
    }
  }
}

function written(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`);
  return file;
}

/** The text of a requirements file and of those that it names by -r and -c. */
function withIncluded(given: string, file: string, seen = new Set<string>()): string {
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(/(^|\s)#.*$/gm, '');
  const names = [...text.matchAll(/^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)/gm)].map(
    ([, name]) => name!,
  );
  const files = names.filter((name) => !/^\w+:\/\//.test(name)).map((name) => resolve(dirname(file), name));
  const missing = files.find((each) => !existsSync(each));
  if (missing !== undefined) throw new CompareError(`${given}: it includes ${missing}, which is not there`);
  return [
    text,
    ...files.filter((each) => !seen.has(each)).map((each) => withIncluded(given, each, seen)),
  ].join('\n');
}

/** A requirement that is a folder or a file of this machine. */
function localIn(text: string): string | null {
  const line = text
    .split('\n')
    .find((each) => /^\s*(?:-e\b|--editable\b|\.{0,2}\/)|(?:@|^)\s*file:/.test(each));
  return line?.trim() ?? null;
}

/** `uv export` wants a project beside its lock file, of which it reads no more than this. */
function projectOf(lock: string): string {
  const name = /^name = "([^"]+)"\nversion = .*\nsource = \{ (?:virtual|editable) = "\." \}/m.exec(lock)?.[1];
  const python = /^requires-python = "([^"]*)"/m.exec(lock)?.[1] ?? '';
  return ['[project]', `name = "${name ?? 'locked'}"`, 'version = "0"', `requires-python = "${python}"`].join(
    '\n',
  );
}

interface Pipenv {
  readonly _meta: { readonly sources?: readonly { readonly url: string }[] };
  readonly default: Readonly<Record<string, Pinned>>;
}

interface Pinned {
  readonly version?: string;
  readonly hashes?: readonly string[];
  readonly markers?: string;
  readonly extras?: readonly string[];
}

const PYPI = 'https://pypi.org/simple';

/** The default packages of a Pipfile.lock. PyPI is left to the settings of uv and pip, which may name a mirror of it. */
function pipenvLines(given: string, text: string): string[] {
  const { _meta, default: pinned } = JSON.parse(text) as Pipenv;
  const urls = (_meta.sources ?? []).map(({ url }) => url);
  const [first, ...others] = urls.every((url) => url === PYPI) ? [] : urls;
  return [
    ...(first === undefined ? [] : [`--index-url ${first}`]),
    ...others.map((url) => `--extra-index-url ${url}`),
    ...Object.entries(pinned).map(([name, each]) => pipenvLine(given, name, each)),
  ];
}

function pipenvLine(given: string, name: string, { version, hashes = [], markers, extras }: Pinned): string {
  if (version === undefined)
    throw new CompareError(
      `${given}: ${name} comes from a folder or a repository, which can't be installed from the lock file alone: make both venvs and give these`,
    );
  const requirement = `${name}${extras === undefined ? '' : `[${extras.join(',')}]`}${version}`;
  const condition = markers === undefined ? '' : `; ${markers}`;
  return [requirement + condition, ...hashes.map((hash) => `--hash=${hash}`)].join(' ');
}
