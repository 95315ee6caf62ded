import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes a venv of links to a venv, or to an interpreter that has packages of its own, as those of conda and pyenv do. Some
 * files of its site-packages are left out: a line of a .pth file runs before any hook. Gives its interpreter.
 * null: they are not in its own site-packages, or it is a Python 2 without venv.
 */
export function mirrorVenv(prefix: string, folder: string, leftOut: ReadonlySet<string>): string | null {
  const lib = join(prefix, 'lib');
  const versions = existsSync(lib)
    ? readdirSync(lib).filter((name) => existsSync(join(lib, name, 'site-packages')))
    : [];
  const own = new Set(versions.map((version) => realpathSync(join(lib, version, 'site-packages'))));
  const isVenv = existsSync(join(prefix, 'pyvenv.cfg'));
  if (![...leftOut].every((file) => own.has(dirname(file)))) return null;
  if (!isVenv && !existsSync(join(prefix, 'bin', 'python3'))) return null;
  mkdirSync(folder, { recursive: true });
  if (isVenv) {
    linkAll(prefix, folder, ({ name }) => !['pyvenv.cfg', 'bin', 'lib', 'lib64'].includes(name));
    copyFileSync(join(prefix, 'pyvenv.cfg'), join(folder, 'pyvenv.cfg'));
  } else
    writeFileSync(
      join(folder, 'pyvenv.cfg'),
      `home = ${join(prefix, 'bin')}\ninclude-system-site-packages = false\n`,
    );
  mkdirSync(join(folder, 'bin'));
  linkAll(join(prefix, 'bin'), join(folder, 'bin'));
  for (const version of versions) {
    const [from, to] = [join(lib, version), join(folder, 'lib', version)];
    mkdirSync(join(to, 'site-packages'), { recursive: true });
    // The standard library is that of the interpreter; a venv may have other folders here.
    if (isVenv) linkAll(from, to, ({ name }) => name !== 'site-packages');
    linkAll(
      realpathSync(join(from, 'site-packages')),
      join(to, 'site-packages'),
      ({ path }) => !leftOut.has(path),
    );
  }
  return join(folder, 'bin', isVenv ? 'python' : 'python3');
}

function linkAll(
  from: string,
  to: string,
  isTaken: (entry: { readonly name: string; readonly path: string }) => boolean = () => true,
): void {
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (isTaken({ name, path })) symlinkSync(path, join(to, name));
  }
}
