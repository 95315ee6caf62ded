/**
 * The versions of Node that the recorder is tested on, from npm, in a cache folder.
 * `node test/watch/node/nodes.ts` installs them (some 500 MB).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const FOLDER = process.env.ABREAST_NODES ?? join(homedir(), '.cache', 'abreast', 'nodes');

/** Full support, and two that must not notice. */
export const RECORDED = ['18.20.8', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];
export const TOO_OLD = ['8.17.0', '12.22.12'];

const alias = (version: string): string => `node${version.split('.')[0]}`;

/** The path of a version; the one that runs this, where it is the same. */
export function nodeOf(version: string): { path: string; skip: string | false } {
  const path = join(FOLDER, 'node_modules', alias(version), 'bin', 'node');
  if (existsSync(path)) return { path, skip: false };
  if (process.version === `v${version}`) return { path: process.execPath, skip: false };
  return { path, skip: `Node ${version} is not installed: node test/watch/node/nodes.ts` };
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  const dependencies = Object.fromEntries(
    [...RECORDED, ...TOO_OLD].map((version) => [alias(version), `npm:node@${version}`]),
  );
  writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: FOLDER,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
