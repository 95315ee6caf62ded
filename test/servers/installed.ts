import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the system, Go and Debian put commands, beside PATH; the newest PostgreSQL first. */
const PLACES = [
  ...(process.env.PATH ?? '').split(':'),
  '/usr/sbin',
  join(homedir(), 'go', 'bin'),
  ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
];

/** A command's file, or undefined where it is not installed. */
export function commandAt(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find((file) => existsSync(file));
}
