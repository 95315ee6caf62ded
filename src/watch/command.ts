import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A command that can't be started, as a shell says it: 127 for one that is not there, 126 for one that can't be run. */
export interface Unusable {
  readonly exitCode: 126 | 127;
  readonly text: string;
}

/** The file that a command's first word names, or why there is none. */
export function findCommand(name: string, path: string | undefined): { file: string } | Unusable {
  if (name.includes('/')) return usable(name, name) ?? { exitCode: 127, text: `${name}: no such file` };
  let refused: Unusable | undefined;
  for (const folder of (path ?? '').split(delimiter)) {
    const found = usable(name, join(folder === '' ? '.' : folder, name));
    if (found !== undefined && 'file' in found) return found;
    refused ??= found;
  }
  return refused ?? { exitCode: 127, text: `${name}: there is no such command in PATH` };
}

/**
 * What to start for a command. A script that does not say what runs it (no `#!`) is for sh, as every shell and
 * execlp(3) have it; strace would refuse it.
 */
export function startable(command: readonly string[], file: string): readonly string[] {
  const [, ...args] = command;
  return isPlainText(file) ? ['/bin/sh', file, ...args] : command;
}

/** As bash decides it: no NUL in what it begins with. Of a file that may not be read nothing is known. */
function isPlainText(file: string): boolean {
  const start = Buffer.alloc(80);
  try {
    const descriptor = openSync(file, 'r');
    const length = readSync(descriptor, start);
    closeSync(descriptor);
    return !start.subarray(0, length).includes(0) && start.toString('latin1', 0, 2) !== '#!';
  } catch {
    return false;
  }
}

function usable(name: string, file: string): { file: string } | Unusable | undefined {
  try {
    if (statSync(file).isDirectory()) return { exitCode: 126, text: `${file} is a folder, not a command` };
  } catch {
    return undefined;
  }
  try {
    accessSync(file, constants.X_OK);
    return { file };
  } catch {
    return { exitCode: 126, text: `${name}: ${file} may not be executed (chmod +x)` };
  }
}
