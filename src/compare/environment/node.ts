import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CompareError } from '../error.ts';
import type { Distribution, Environment } from './environment.ts';

const PATIENCE_MS = 30_000;

/** Packages of a folder that has node_modules, or is it, for the Node on PATH. @throws CompareError without a Node */
export async function nodePackages(given: string, folder: string): Promise<Environment> {
  const root = basename(folder) === 'node_modules' ? dirname(folder) : folder;
  return nodeEnvironment(given, 'node', packagesIn(root), { ABREAST_PACKAGES: root });
}

/** The file of a Node, with the packages that the program finds by itself. @throws CompareError when it does not run */
export async function nodeInterpreter(given: string, file: string): Promise<Environment> {
  return nodeEnvironment(given, file, new Map(), {
    PATH: `${dirname(file)}${delimiter}${process.env.PATH ?? ''}`,
  });
}

/** Whether a file is a Node, by its name. */
export function isNodeFile(file: string): boolean {
  return /^node(js)?$/.test(basename(file));
}

async function nodeEnvironment(
  given: string,
  file: string,
  distributions: ReadonlyMap<string, Distribution>,
  variables: Readonly<Record<string, string>>,
): Promise<Environment> {
  return {
    language: 'node',
    given,
    version: await versionOf(given, file),
    distributions,
    variables,
    command: ([word = '', ...args]) => (word === 'node' ? [file, ...args] : [word, ...args]),
    mirror: () => null,
  };
}

async function versionOf(given: string, file: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-p', 'process.versions.node'], {
      timeout: PATIENCE_MS,
    });
    return stdout.trim();
  } catch (error) {
    throw new CompareError(`${given}: its Node does not run: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** The packages at the top: a copy that lies within another package belongs to that one. */
function packagesIn(root: string): Map<string, Distribution> {
  const modules = join(root, 'node_modules');
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : name,
  );
  const found = new Map<string, Distribution>();
  for (const name of names.sort()) {
    const file = join(modules, name, 'package.json');
    if (name.startsWith('.') || !existsSync(file)) continue;
    const about = JSON.parse(readFileSync(file, 'utf8')) as { version?: string; dependencies?: object };
    const requires = Object.keys(about.dependencies ?? {});
    const version = about.version ?? '';
    found.set(name, { name, key: name, version, modules: [name], requires, folder: root, files: [] });
  }
  return found;
}
