import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A Python that is installed here. */
export interface Interpreter {
  /** '2.7', '3.12'. */
  readonly version: string;
  readonly path: string;
}

const VERSIONS = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
const SUPPORTED = ['2.7', ...Array.from({ length: 9 }, (_, minor) => `3.${minor + 6}`)];

/** The Pythons under pyenv, the newest of each minor version, oldest first. */
export function interpreters(): Interpreter[] {
  const installed = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort(byNumbers) : [];
  return SUPPORTED.flatMap((version) => {
    const name = installed.findLast((one) => one.startsWith(`${version}.`));
    return name === undefined ? [] : [{ version, path: join(VERSIONS, name, 'bin', 'python') }];
  });
}

/** The newest Python 3 here, or the one asked for; a reason to skip instead, when there is none. */
export function interpreter(version?: string): Interpreter | { readonly skip: string } {
  const found = interpreters().findLast((one) => version === undefined || one.version === version);
  return found ?? { skip: `no Python ${version ?? '3'}: pyenv install ${version ?? '3.12'}` };
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
