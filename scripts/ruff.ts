/**
 * `node scripts/ruff.ts`: lints the Python probe. Ruff comes from PyPI into ~/.cache/abreast/ruff-VERSION, once; where
 * that can't be, a line says so, and nothing is linted.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '0.17.5';
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'abreast');
const home = join(cache, `ruff-${VERSION}`);

const hindrance = existsSync(home) ? undefined : install();
if (hindrance !== undefined) console.log(`skipped: ${hindrance}`);
else {
  const probe = fileURLToPath(new URL('../src/watch/recorders/python', import.meta.url));
  const { status } = spawnSync(
    join(home, 'bin', 'ruff'),
    ['check', '--no-cache', '--quiet', '--output-format', 'concise', probe],
    {
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
}

/** Why ruff can't be had; undefined when it is there. */
function install(): string | undefined {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(`${home}-`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0'];
  const run = spawnSync('python3', [...pip, '--no-deps', '--target', folder, `ruff==${VERSION}`], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (run.status === 0 && !existsSync(home)) renameSync(folder, home);
  else rmSync(folder, { recursive: true });
  if (run.status === 0) return undefined;
  const said = run.stderr?.trim().split('\n').at(-1);
  return `ruff ${VERSION} can't be installed: ${run.error?.message || said || `pip ended with ${run.status}`}`;
}
