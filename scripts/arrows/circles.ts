import type { House } from './house.ts';

/** What lies in one folder, files and sub-folders, with all that each of them imports beside it. */
type Folder = Map<string, Map<string, Witness>>;

/** One import from a part of a folder to another part of it. */
interface Witness {
  readonly path: string;
  readonly line: number;
}

/**
 * Parts of a folder that need each other, types included. A part is a file, or a sub-folder with all that lies in it:
 * nothing that a sub-folder needs may need the sub-folder. What is loaded lazily does not count. Each group of parts
 * gives one line, with a shortest circle in it.
 */
export function* findCircles(house: House): Generator<string> {
  for (const folder of foldersOf(house).values())
    for (const circle of circlesOf(folder)) {
      const [first, ...others] = circle.slice(1).map((part, i) => placeOf(folder, circle[i]!, part));
      yield `${first}: a circle: ${circle.join(' > ')} (and ${others.join(', ')})`;
    }
}

function placeOf(folder: Folder, from: string, to: string): string {
  const { path, line } = folder.get(from)!.get(to)!;
  return `src/${path}:${line}`;
}

function foldersOf(house: House): Map<string, Folder> {
  const folders = new Map<string, Folder>();
  for (const [path, { imports }] of house)
    for (const { to, how, line } of imports) {
      if (to === undefined || to === path || !house.has(to) || how === 'lazy') continue;
      const { folder, from, beside } = meet(path, to);
      const parts = entry(folders, folder, () => new Map());
      const arrows = entry(parts, from, () => new Map<string, Witness>());
      if (!arrows.has(beside)) arrows.set(beside, { path, line });
    }
  return folders;
}

/** The folder in which the ways to two files part, and the parts of it that they lie in. */
function meet(path: string, to: string): { folder: string; from: string; beside: string } {
  const a = path.split('/');
  const b = to.split('/');
  let depth = 0;
  while (a[depth] === b[depth] && depth < a.length - 1 && depth < b.length - 1) depth++;
  const part = (steps: readonly string[]) => steps.slice(0, depth + 1).join('/');
  return { folder: a.slice(0, depth).join('/'), from: part(a), beside: part(b) };
}

/** A shortest circle of each group of parts that all lead to each other. */
function* circlesOf(folder: Folder): Generator<readonly string[]> {
  const seen = new Set<string>();
  for (const start of [...folder.keys()].sort()) {
    if (seen.has(start)) continue;
    const circle = shortestCircle(folder, start);
    if (circle === null) continue;
    for (const part of folder.keys())
      if (leadsTo(folder, start, part) && leadsTo(folder, part, start)) seen.add(part);
    yield circle;
  }
}

function leadsTo(folder: Folder, from: string, to: string): boolean {
  return way(folder, from, to) !== null;
}

function shortestCircle(folder: Folder, start: string): readonly string[] | null {
  const back = way(folder, start, start);
  return back === null ? null : [start, ...back];
}

/** The parts after `from` on a shortest way to `to`, of one arrow at least; null where there is none. */
function way(folder: Folder, from: string, to: string): readonly string[] | null {
  const before = new Map<string, string>();
  const queue = [from];
  for (const part of queue)
    for (const next of folder.get(part)?.keys() ?? []) {
      if (before.has(next)) continue;
      before.set(next, part);
      if (next === to) return trace(before, from, to);
      queue.push(next);
    }
  return null;
}

function trace(before: ReadonlyMap<string, string>, from: string, to: string): readonly string[] {
  const steps = [to];
  for (let part = before.get(to)!; part !== from; part = before.get(part)!) steps.unshift(part);
  return steps;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
