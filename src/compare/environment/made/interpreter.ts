import { basename } from 'node:path';
import { findPython, type Interpreter, pythonAt } from '../../../stages/index.ts';
import { findCommand } from '../../../watch/index.ts';
import { CompareError } from '../../error.ts';
import type { Making } from './making.ts';

/** The Python that an environment is made for: the one that is named, or that the command would start. @throws CompareError, StagesError */
export async function interpreterFor({
  python,
  command,
}: Pick<Making, 'python' | 'command'>): Promise<Interpreter> {
  if (python !== undefined) return python.includes('/') ? pythonAt(python) : ofVersion(python);
  const word = command[0] ?? '';
  const version = /^python(\d+\.\d+)$/.exec(basename(word))?.[1];
  if (version !== undefined && !word.includes('/')) return ofVersion(version);
  const names = isPython(word) ? [word] : ['python', 'python3'];
  const found = names.map((name) => findCommand(name, process.env.PATH)).find((each) => 'file' in each);
  if (found === undefined)
    throw new CompareError('there is no python on PATH: choose one with --python 3.11 or --python PATH');
  return pythonAt(found.file);
}

function isPython(word: string): boolean {
  return /^python[\d.]*$/.test(basename(word));
}

async function ofVersion(word: string): Promise<Interpreter> {
  const version = word.replace(/^python/, '');
  if (!/^\d+\.\d+(\.\d+)?$/.test(version))
    throw new CompareError(
      `--python ${word}: give a version (3.11) or the file of an interpreter (/usr/bin/python3)`,
    );
  const { interpreter, tried } = await findPython(version);
  if (interpreter === null)
    throw new CompareError(
      `there is no Python ${version} here (looked at PATH, pyenv and uv: ${tried.slice(0, 3).join('; ')}): install it (uv python install ${version}) or give its file with --python PATH`,
    );
  return interpreter;
}
