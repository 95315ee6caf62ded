import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a venv of links to another one, without some files of its site-packages: a line of a .pth file runs before any
 * hook. Gives its interpreter, or null where the folder is no venv.
 */
export function mirrorVenv(venv: string, folder: string, leftOut: ReadonlySet<string>): string | null {
  if (!existsSync(join(venv, 'pyvenv.cfg'))) return null;
  mkdirSync(folder, { recursive: true });
  linkAll(venv, folder, new Set(['pyvenv.cfg', 'bin', 'lib', 'lib64']));
  copyFileSync(join(venv, 'pyvenv.cfg'), join(folder, 'pyvenv.cfg'));
  mkdirSync(join(folder, 'bin'));
  linkAll(join(venv, 'bin'), join(folder, 'bin'), new Set());
  for (const version of readdirSync(join(venv, 'lib'))) {
    const [from, to] = [join(venv, 'lib', version), join(folder, 'lib', version)];
    mkdirSync(to, { recursive: true });
    linkAll(from, to, new Set(['site-packages']));
    if (!existsSync(join(from, 'site-packages'))) continue;
    mkdirSync(join(to, 'site-packages'));
    linkAll(join(from, 'site-packages'), join(to, 'site-packages'), leftOut);
  }
  return join(folder, 'bin', 'python');
}

function linkAll(from: string, to: string, except: ReadonlySet<string>): void {
  for (const name of readdirSync(from)) {
    if (!except.has(name)) symlinkSync(join(from, name), join(to, name));
  }
}
