import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const PARTS = ['bin', 'package.json', 'schema', 'scripts', 'src', 'tsconfig.json', 'tsconfig.build.json'];

/** The package as it is shipped, built of this checkout. */
export interface Package {
  /** What a program imports as 'abreast'. */
  readonly door: string;
  /** The command. */
  readonly command: string;
  remove(): void;
}

/** Builds it in a folder of its own, so that nothing else that uses dist/ is disturbed. @throws Error of the build */
export function buildPackage(): Package {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-torture-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/build.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) {
    remove();
    throw new Error(`the package can't be built:\n${stdout}${stderr}`);
  }
  // With its source it would be a checkout, and its command would run that.
  for (const part of ['src', 'scripts']) rmSync(join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'program'));
  const door = createRequire(join(folder, 'program/x.js')).resolve('abreast');
  return { door, command: join(folder, 'bin/abreast'), remove };
}
