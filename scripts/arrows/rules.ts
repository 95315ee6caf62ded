import type { House, Import } from './house.ts';
import type { Plan } from './plan.ts';

/** Rooms without a row in the table, a row without its room, and rooms without a door or a sign on it. */
export function* findUnfinishedRooms(plan: Plan, house: House): Generator<string> {
  const built = new Set([...house.keys()].map(roomOf));
  for (const room of plan.rooms.keys()) {
    if (!built.has(room)) yield `ARCHITECTURE.md: the room ${room} has a row, but src/${room}/ has no source`;
  }
  for (const room of built) {
    if (room === '') yield 'src/: a source file that lies in no room';
    else if (!plan.rooms.has(room)) yield `src/${room}/: the room has no row in ARCHITECTURE.md`;
    else yield* findDoorFaults(plan, house, room);
  }
}

function* findDoorFaults(plan: Plan, house: House, room: string): Generator<string> {
  const imported = [...plan.rooms.values()].some(({ imports }) => imports.has(room));
  // A room that nobody imports is run, and may begin where it starts.
  const door = !imported && house.has(`${room}/main.ts`) ? `${room}/main.ts` : `${room}/index.ts`;
  const file = house.get(door);
  if (file === undefined) yield `src/${room}/: the room has no door, src/${door}`;
  else if (!/^(#!.*\n)?\/\*\*[\s\S]+?\*\//.test(file.text)) {
    yield `src/${door}:1: no sign: the first comment of a door says in a sentence what its room is for`;
  }
}

/** Imports that the table does not allow, that go past a door, out of src/, or to a package users don't get. */
export function* findStrayImports(plan: Plan, house: House): Generator<string> {
  for (const [path, { imports }] of house) {
    for (const found of imports) {
      const fault = faultOf(plan, house, path, found);
      if (fault !== undefined) yield `src/${path}:${found.line}: ${fault}`;
    }
  }
}

function faultOf(plan: Plan, house: House, path: string, { from, to, how }: Import): string | undefined {
  if (from === '') return 'import() of something that is no literal can not be checked';
  if (to === undefined) return packageFault(plan, path, from, how);
  if (to.startsWith('..')) return to.endsWith('.json') ? undefined : `'${from}' leads out of src/`;
  if (to.endsWith('.css') && isBundled(path)) return undefined;
  if (!house.has(to)) return `'${from}' is no source file`;

  const room = roomOf(path);
  const other = roomOf(to);
  const allowed = plan.rooms.get(room);
  if (other === room || allowed === undefined) return undefined;
  if (how === 'lazy' && allowed.lazily.has(to)) return undefined;
  if (!allowed.imports.has(other)) return `${room} may not import ${other} (ARCHITECTURE.md)`;
  if (to !== `${other}/index.ts` && to !== `${other}/browser.ts`)
    return `'${from}' goes past the door of ${other}, src/${other}/index.ts`;
  return undefined;
}

/** What runs in the page: esbuild makes one file of it. */
function isBundled(path: string): boolean {
  return path.startsWith('page/app/');
}

function packageFault(plan: Plan, path: string, from: string, how: Import['how']): string | undefined {
  if (from.startsWith('node:')) return undefined;
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  if (isBundled(path) && plan.bundled.has(name)) return undefined;
  if (plan.optional.has(name))
    return how === 'value'
      ? `${name} may not be there: load it by await import, where it is needed`
      : undefined;
  return plan.packages.has(name) ? undefined : `${name} is not in dependencies of package.json`;
}

/** The folder of src/ that a path lies in; '' when in none. */
function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}
