import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the hooks of a run told. */
export interface Marks {
  /** A hook did its work in at least one process, and failed in none. */
  readonly ran: boolean;
  /** Modules that were hidden and asked for, in this order. */
  readonly asked: readonly string[];
  /** Modules that were loaded before anything could hide them. */
  readonly loaded: readonly string[];
  /** Where the Pythons of the run are installed, or their venvs. */
  readonly prefixes: readonly string[];
  /** Why a hook failed. */
  readonly failed: readonly string[];
}

/** Reads the marks that the processes of a run left in a folder. */
export function readMarks(folder: string): Marks {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const failed = after('failed');
  return {
    ran: lines.includes('ran') && failed.length === 0,
    asked: after('asked'),
    loaded: after('loaded'),
    prefixes: after('prefix'),
    failed,
  };
}
