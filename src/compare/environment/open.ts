import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CompareError } from '../error.ts';
import type { Environment } from './environment.ts';
import { isNodeFile, nodeInterpreter, nodePackages } from './node.ts';
import { isPythonFile, pythonEnvironment } from './python.ts';

/** Opens what the user named: a venv, a folder with node_modules, or an interpreter. @throws CompareError when it is none of these */
export async function openEnvironment(given: string): Promise<Environment> {
  const path = resolve(given);
  if (!existsSync(path)) throw new CompareError(`${given}: there is no such file or folder`);
  if (statSync(path).isFile()) {
    if (isPythonFile(path)) return pythonEnvironment(given, path);
    if (isNodeFile(path)) return nodeInterpreter(given, path);
    throw new CompareError(`${given}: this is no environment: ${KINDS}`);
  }
  const inside = join(path, 'bin', 'python');
  if (existsSync(inside)) return pythonEnvironment(given, inside);
  if (existsSync(join(path, 'node_modules')) || basename(path) === 'node_modules')
    return nodePackages(given, path);
  throw new CompareError(`${given}: this folder is no environment: ${KINDS}`);
}

const KINDS = 'give a venv, a folder with node_modules, or the file of an interpreter';
