import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const FOLDER = process.env.ABREAST_NPM ?? join(homedir(), '.cache', 'abreast', 'npm');

/** A folder whose node_modules has a package of npm in one version, installed once; a reason to skip where that can't be done. */
export function packageFolder(name: string, version: string): { folder: string; skip: string | false } {
  const folder = join(FOLDER, `${name}@${version}`);
  if (existsSync(folder)) return { folder, skip: false };
  const made = `${folder}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  writeFileSync(
    join(made, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  const npm = join(dirname(process.execPath), 'npm');
  const { status } = spawnSync(existsSync(npm) ? npm : 'npm', ['install', '--no-audit', '--no-fund'], {
    cwd: made,
    timeout: 60_000,
  });
  if (status === 0) renameSync(made, folder);
  else rmSync(made, { recursive: true });
  return {
    folder,
    skip: status !== 0 && `${name} ${version} can't be installed: npm install ${name}@${version}`,
  };
}
