import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CompareError } from '../error.ts';
import { distributionsIn } from './distributions.ts';
import type { Environment, Place } from './environment.ts';
import { mirrorVenv } from './mirror.ts';

/** Runs on every Python. The first entry of sys.path is the working folder. */
const QUESTION = `import json, sys
print(json.dumps(['%d.%d.%d' % sys.version_info[:3], sys.prefix, sys.path[1:]]))`;

const PATIENCE_MS = 30_000;

/**
 * The environment of a Python, which may be that of a venv. @param file its interpreter
 * @throws CompareError when it does not run
 */
export async function pythonEnvironment(given: string, file: string): Promise<Environment> {
  const [version, prefix, path] = await ask(given, file);
  const folders = [...new Set(path.filter((entry) => !entry.endsWith('.zip')).map(real))];
  return {
    ...placeOf(file, prefix),
    language: 'python',
    given,
    version,
    prefix: real(prefix),
    distributions: distributionsIn(folders),
    mirror: (folder, leftOut) => {
      // A venv does not see packages of the user, which the interpreter of a system does.
      const isWhole =
        isVenv(prefix) || folders.every((each) => !isPackages(each) || isIn(each, real(prefix)));
      const python = isWhole ? mirrorVenv(prefix, folder, leftOut) : null;
      return python === null ? null : placeOf(python, folder);
    },
  };
}

function placeOf(file: string, prefix: string): Place {
  return {
    variables: {
      PATH: `${dirname(file)}${delimiter}${process.env.PATH ?? ''}`,
      VIRTUAL_ENV: prefix,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    command: ([word = '', ...args]) => {
      if (/^python[\d.]*$/.test(word)) return [file, ...args];
      const script = join(dirname(file), word);
      return !word.includes('/') && startsPython(script) ? [file, script, ...args] : [word, ...args];
    },
  };
}

/**
 * Whether a file is a script that pip made for a distribution. Its first line, or with a long path its second one, has the
 * full path of a Python, which is not the one of a venv of links.
 */
function startsPython(script: string): boolean {
  if (!existsSync(script) || !statSync(script).isFile()) return false;
  const [first = '', second = ''] = readFileSync(script, 'latin1').slice(0, 1000).split('\n');
  return /^#!.*\/python[\d.]*$/.test(first) || (first === '#!/bin/sh' && /^'''exec' .*python/.test(second));
}

/** Whether a file is a Python, by its name. */
export function isPythonFile(file: string): boolean {
  return /^(python|pypy)[\d.]*$/.test(basename(file));
}

function isVenv(prefix: string): boolean {
  return existsSync(join(prefix, 'pyvenv.cfg'));
}

function isPackages(folder: string): boolean {
  return folder.endsWith('-packages') && existsSync(folder);
}

function isIn(folder: string, prefix: string): boolean {
  return folder.startsWith(`${prefix}/`);
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

async function ask(given: string, file: string): Promise<[string, string, string[]]> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-c', QUESTION], { timeout: PATIENCE_MS });
    return JSON.parse(stdout);
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n').slice(-2);
    throw new CompareError(`${given}: its Python does not run: ${why.trim()}`);
  }
}
