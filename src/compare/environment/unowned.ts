import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Distribution, moduleOf } from './environment.ts';

/**
 * What lies in a folder of packages and is of none of its distributions: a module that somebody copied there, a .pth file,
 * a sitecustomize. Each counts as a distribution that has no version.
 */
export function unownedIn(folder: string, distributions: Iterable<Distribution>): Distribution[] {
  if (!folder.endsWith('-packages') || !existsSync(folder)) return [];
  const owned = new Set<string>();
  for (const each of distributions) {
    if (each.folder === folder) for (const file of each.files) owned.add(file.split('/')[0]!);
  }
  return readdirSync(folder)
    .filter((name) => !owned.has(name) && !OF_TOOLS.test(name))
    .sort()
    .flatMap((name) => {
      const module = moduleOf(name) ?? (isPackage(join(folder, name)) ? name : null);
      if (module === null && !name.endsWith('.pth')) return [];
      const modules = module === null ? [] : [module];
      return [{ name, key: `./${name}`, version: '', modules, requires: [], folder, files: [name] }];
    });
}

/** Metadata, and what pip, setuptools and virtualenv write for themselves; what easy-install.pth names is seen where it is. */
const OF_TOOLS =
  /^[.~]|\.(dist|egg)-info$|\.egg(-link)?$|^__pycache__$|^easy-install\.pth$|^_virtualenv\.p(y|th)$/;

function isPackage(folder: string): boolean {
  return (
    /^\w+$/.test(folder.split('/').at(-1)!) &&
    statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true &&
    readdirSync(folder).some((name) => moduleOf(name) !== null)
  );
}
