import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findCommand } from '../../watch/index.ts';
import { CompareError } from '../error.ts';
import type { Environment } from './environment.ts';
import { kindOf } from './made/kind.ts';
import type { Making } from './made/making.ts';
import { madeOfNpm } from './made/npm.ts';
import { madeOfPython } from './made/python.ts';
import { isNodeFile, nodeInterpreter, nodePackages, nodeProgram } from './node.ts';
import { isPythonFile, pythonEnvironment } from './python.ts';

/**
 * Opens what the user named: a venv, a folder with node_modules, an interpreter, or a file that an environment is made of.
 * @param path where it is, where that is not what `given` says
 * @throws CompareError when it is none of these; also StagesError when it can't be made
 */
export async function openEnvironment(
  given: string,
  making: Making,
  path = resolve(given),
): Promise<Environment> {
  if (!existsSync(path)) throw new CompareError(`${given}: there is no such file or folder`);
  if (statSync(path).isFile()) {
    if (isPythonFile(path)) return pythonEnvironment(given, path);
    if (isNodeFile(path)) return nodeInterpreter(given, path);
    const kind = kindOf(given, path);
    return kind === 'npm' ? madeOfNpm(given, path, making) : madeOfPython(given, path, kind, making);
  }
  const inside = join(path, 'bin', 'python');
  if (existsSync(inside)) return pythonEnvironment(given, inside);
  if (existsSync(join(path, 'node_modules')) || basename(path) === 'node_modules')
    return nodePackages(given, path);
  throw new CompareError(`${given}: this folder is no environment: ${KINDS}`);
}

/** Node, and what starts it. */
const STARTS_NODE = /^(npm|npx|pnpm|yarn)$/;

/**
 * The environment that a command runs in: of its Node, with the packages that its program finds, or of its Python, which
 * is the one on PATH where the command names none. @throws CompareError when there is none
 */
export async function environmentOf([word = '', ...args]: readonly string[]): Promise<Environment> {
  if (isNodeFile(word)) return nodeProgram(fileOf(word), folderOf(args));
  if (STARTS_NODE.test(word)) return nodeProgram(fileOf('node'), process.cwd());
  const python = fileOf(isPythonFile(word) ? word : 'python');
  return pythonEnvironment(python, resolve(python));
}

function fileOf(word: string): string {
  const found = findCommand(word, process.env.PATH);
  if ('file' in found) return found.file;
  throw new CompareError(`${found.text}: name the environment before the --`);
}

const TAKES_VALUE = /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions)$/;

/** The folder of the program that a Node starts, or the working folder. */
function folderOf(args: readonly string[]): string {
  const program = args.find((arg, at) => !arg.startsWith('-') && !TAKES_VALUE.test(args[at - 1] ?? ''));
  const folder = dirname(resolve(program ?? 'x'));
  return existsSync(folder) ? folder : process.cwd();
}

/** Whether an environment has to be made of what the user named. */
export function isToBeMade(given: string): boolean {
  const path = resolve(given);
  return existsSync(path) && statSync(path).isFile() && !isPythonFile(path) && !isNodeFile(path);
}

const KINDS =
  'give a venv, a folder with node_modules, the file of an interpreter, or a requirements or lock file';
