import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { type Distribution, moduleOf } from './environment.ts';
import { unownedIn } from './unowned.ts';

/** The name that all spellings of a distribution share (PEP 503). */
export function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/**
 * The distributions of a Python, by key, with what is of none: of several folders on its path the first one that has it
 * wins. The standard library, where Python 2.7 has metadata of itself, is not installed.
 */
export function distributionsIn(folders: readonly string[]): Map<string, Distribution> {
  const found = new Map<string, Distribution>();
  for (const folder of folders.filter((each) => !isStandard(each))) {
    const own = metadataIn(folder).flatMap((entry) => read(folder, entry) ?? []);
    for (const each of [...own, ...unownedIn(folder, own)]) {
      if (!found.has(each.key)) found.set(each.key, each);
    }
  }
  return found;
}

function isStandard(folder: string): boolean {
  return existsSync(join(folder, 'os.py')) || basename(folder) === 'lib-dynload';
}

function metadataIn(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => /\.(dist|egg)-info$/.test(name))
    .sort();
}

function read(folder: string, entry: string): Distribution | null {
  const at = join(folder, entry);
  const isFolder = statSync(at).isDirectory();
  const about = isFolder ? (text(join(at, 'METADATA')) ?? text(join(at, 'PKG-INFO'))) : text(at);
  const [head = ''] = (about ?? '').split(/\r?\n\r?\n/);
  const name = /^Name:\s*(\S+)/m.exec(head)?.[1];
  const version = /^Version:\s*(\S+)/m.exec(head)?.[1];
  if (name === undefined || version === undefined) return null;
  const top = isFolder ? lines(text(join(at, 'top_level.txt'))) : [];
  const listed = isFolder ? filesListed(at, entry) : [];
  const files = listed.length > 0 ? listed : [...top.flatMap((module) => placesOf(folder, module)), entry];
  return {
    name,
    key: keyOf(name),
    version,
    modules: modulesOf(files, top),
    requires: requiredBy(head, isFolder ? text(join(at, 'requires.txt')) : null),
    folder,
    files,
  };
}

/** What RECORD (PEP 376) or setuptools' installed-files.txt says, without what lies outside of the folder. */
function filesListed(at: string, entry: string): string[] {
  const record = lines(text(join(at, 'RECORD'))).map((line) =>
    line.startsWith('"') ? line.slice(1, line.indexOf('"', 1)) : line.split(',')[0]!,
  );
  const installed = lines(text(join(at, 'installed-files.txt'))).map((file) => join(entry, file));
  return [...record, ...installed]
    .map((file) => normalize(file))
    .filter((file) => !file.startsWith('..') && !file.startsWith('/') && !file.endsWith('.pyc'));
}

function placesOf(folder: string, module: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name === module || moduleOf(name) === module);
}

/**
 * The modules that hide a distribution and nothing else. A folder without an `__init__.py` of this distribution is a
 * namespace that others share: the modules within it are named instead ('google.protobuf').
 */
function modulesOf(files: readonly string[], top: readonly string[]): string[] {
  const own = new Set(files);
  const modules = new Set<string>();
  for (const file of files) {
    const parts = file.split('/');
    if (/\.(dist|egg)-info$|^__pycache__$/.test(parts[0]!)) continue;
    if (parts.length === 1) {
      const module = moduleOf(file) ?? (top.includes(file) ? file : null);
      if (module !== null) modules.add(module);
    } else if (file.endsWith('.py') || /\.(so|pyd)$/.test(file)) {
      const depth = parts.findIndex((_, at) => own.has([...parts.slice(0, at + 1), '__init__.py'].join('/')));
      const path = depth >= 0 && depth < parts.length - 1 ? parts.slice(0, depth + 1) : withoutEnding(parts);
      if (path?.every((part) => /^\w+$/.test(part))) modules.add(path.join('.'));
    }
  }
  return [...(modules.size > 0 ? modules : top)];
}

function withoutEnding(parts: readonly string[]): string[] | null {
  const last = moduleOf(parts.at(-1)!);
  return last === null ? null : [...parts.slice(0, -1), last];
}

function requiredBy(head: string, requires: string | null): string[] {
  const wanted = [...head.matchAll(/^Requires-Dist:\s*([A-Za-z0-9._-]+)(.*)$/gm)]
    .filter(([, , rest]) => !/\bextra\s*==/.test(rest!))
    .map(([, name]) => name!);
  const [plain = ''] = (requires ?? '').split(/^\[/m);
  const old = lines(plain).map((line) => /^[A-Za-z0-9._-]+/.exec(line)?.[0] ?? '');
  return [...new Set([...wanted, ...old].filter(Boolean).map(keyOf))];
}

function text(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function lines(given: string | null): string[] {
  return (given ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
}
