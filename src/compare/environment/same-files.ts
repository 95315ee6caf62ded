import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Distribution } from './environment.ts';

const known = new WeakMap<Distribution, WeakMap<Distribution, boolean>>();

/**
 * Whether two distributions of one version have the same files: two checkouts or builds may share a version, and a file may
 * have been changed by hand. Metadata, which says who installed them and when, is left out.
 */
export function haveSameFiles(one: Distribution, other: Distribution): boolean {
  const answers = known.get(one) ?? new WeakMap<Distribution, boolean>();
  known.set(one, answers);
  const answer = answers.get(other) ?? (one.folder === other.folder || areSame(one, other));
  answers.set(other, answer);
  return answer;
}

function areSame(one: Distribution, other: Distribution): boolean {
  const [own, others] = [one, other].map(
    ({ files }) => new Set(files.filter((file) => !/^[^/]+\.(dist|egg)-info(\/|$)/.test(file))),
  ) as [Set<string>, Set<string>];
  return (
    own.size === others.size &&
    [...own].every((file) => others.has(file) && isSame(join(one.folder, file), join(other.folder, file)))
  );
}

/** Of files, or of all that is within two folders but for packages of their own and what Python compiled. */
function isSame(one: string, other: string): boolean {
  const [about, others] = [one, other].map((each) => statSync(each, { throwIfNoEntry: false }));
  if (about === undefined || others === undefined) return about === others;
  if (about.ino === others.ino && about.dev === others.dev) return true;
  if (about.isDirectory() !== others.isDirectory()) return false;
  if (!about.isDirectory())
    return about.size === others.size && readFileSync(one).equals(readFileSync(other));
  const [names, otherNames] = [one, other].map((each) => readdirSync(each).filter(isCompared).sort());
  return (
    names!.join('/') === otherNames!.join('/') &&
    names!.every((name) => isSame(join(one, name), join(other, name)))
  );
}

function isCompared(name: string): boolean {
  return name !== '__pycache__' && name !== 'node_modules' && !name.endsWith('.pyc');
}
