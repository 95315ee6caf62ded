import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = process.env.ABREAST_TEST_ENVS ?? join(homedir(), '.cache', 'abreast-test-envs');
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The Python of an environment with the libraries of requirements/NAME.txt; a reason to skip where it is not made. */
export function environment(name: string): { readonly path: string } | { readonly skip: string } {
  const made = join(ROOT, name, '.pins');
  const pins = readFileSync(here(`requirements/${name}.txt`), 'utf8');
  if (!existsSync(made) || readFileSync(made, 'utf8') !== pins) {
    const run = spawnSync(here('setup.sh'), [name], { encoding: 'utf8', timeout: 120_000 });
    if (run.status !== 0)
      return { skip: `${run.stderr.trim().split('\n').at(-1)}: test/watch/python/setup.sh ${name}` };
  }
  return { path: join(ROOT, name, 'bin', 'python') };
}
