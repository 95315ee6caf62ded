import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CompareError } from '../error.ts';
import type { Distribution, Environment } from './environment.ts';

const PATIENCE_MS = 30_000;

/** Packages of a folder that has node_modules, or is it, for the Node on PATH. @throws CompareError without a Node */
export async function nodePackages(given: string, folder: string): Promise<Environment> {
  const root = realpathSync(basename(folder) === 'node_modules' ? dirname(folder) : folder);
  return nodeEnvironment(given, 'node', packagesOf(root), { ABREAST_PACKAGES: root });
}

/** The file of a Node, with the packages that the program finds by itself. @throws CompareError when it does not run */
export async function nodeInterpreter(given: string, file: string): Promise<Environment> {
  return nodeEnvironment(given, file, new Map(), {
    PATH: `${dirname(file)}${delimiter}${process.env.PATH ?? ''}`,
  });
}

/** The Node of a command, with the packages that a program in this folder finds by itself. @throws CompareError when it does not run */
export async function nodeProgram(file: string, folder: string): Promise<Environment> {
  const found = new Map<string, Distribution>();
  const take = (each: Distribution) => found.has(each.key) || found.set(each.key, each);
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    for (const each of packagesOf(at).values()) take(each);
    if (dirname(at) === at) break;
  }
  for (const each of (process.env.NODE_PATH ?? '').split(delimiter).filter(existsSync))
    for (const one of packagesIn(realpathSync(each), '')) take(one);
  return nodeEnvironment(file, file, found, {});
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
    version: await versionOfNode(given, file),
    distributions,
    variables,
    command: ([word = '', ...args]) => (word === 'node' ? [file, ...args] : [word, ...args]),
    mirror: () => null,
  };
}

/** The version of a Node. @throws CompareError when it does not run */
export async function versionOfNode(given: string, file: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-p', 'process.versions.node'], {
      timeout: PATIENCE_MS,
    });
    return stdout.trim();
  } catch (error) {
    throw new CompareError(`${given}: its Node does not run: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** The packages of a folder's node_modules, each before the copies that lie within it, which are found only from there. */
function packagesOf(root: string): ReadonlyMap<string, Distribution> {
  const all = packagesIn(root, 'node_modules');
  const keys = new Set(all.map(({ key }) => key));
  return new Map(all.map((each) => [each.key, { ...each, requires: requiredBy(each, keys) }]));
}

const MODULES = '/node_modules/';

/** The keys of what a package finds: a copy of its own, one beside it, or one further up. */
function requiredBy({ key, requires }: Distribution, keys: ReadonlySet<string>): readonly string[] {
  const parts = key.split(MODULES);
  const within = parts.map((_, at) => parts.slice(0, parts.length - at).join(MODULES));
  return requires.map(
    (name) => within.map((each) => `${each}${MODULES}${name}`).find((each) => keys.has(each)) ?? name,
  );
}

/** What lies in a folder of packages, within `folder`, and in the node_modules of these. */
function packagesIn(folder: string, modules: string, above: readonly string[] = []): readonly Distribution[] {
  return namesIn(join(folder, modules)).flatMap((name) => {
    const at = join(modules, name);
    const file = join(folder, at, 'package.json');
    if (!existsSync(file)) return [];
    const { version = '', dependencies = {} } = aboutIn(file);
    const path = [...above, name];
    const own: Distribution = {
      name: path.join(' > '),
      key: path.join(MODULES),
      version,
      modules: [name],
      requires: Object.keys(dependencies),
      folder,
      files: [at],
    };
    const isLink = lstatSync(join(folder, at)).isSymbolicLink(); // a workspace may link back
    return [own, ...(isLink ? [] : packagesIn(folder, join(at, 'node_modules'), path))];
  });
}

function aboutIn(file: string): About {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CompareError(`${file} can't be read: ${(error as Error).message}`);
  }
}

interface About {
  readonly version?: string;
  readonly dependencies?: object;
}

function namesIn(modules: string): readonly string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : name,
    )
    .sort();
}
