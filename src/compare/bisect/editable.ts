import { delimiter } from 'node:path';
import { runChild } from '../../stages/index.ts';
import { findCommand } from '../../watch/index.ts';
import type { Environment } from '../environment/environment.ts';
import type { Worktree } from './repository.ts';

/** Runs on every Python. Besides sys.path, finders of setuptools map packages to their folders. The first entry is of `-c`. */
const QUESTION = `import json, os, sys
found = [each for each in sys.path[1:] if os.path.isdir(each)]
for name, module in list(sys.modules.items()):
    if name.startswith('__editable__'):
        found += [os.path.dirname(each) for each in getattr(module, 'MAPPING', {}).values()]
print(json.dumps([os.path.realpath(each) for each in found if not os.path.realpath(each).startswith(os.path.realpath(sys.prefix) + os.sep)]))`;

/**
 * The variables with which a Python takes from a worktree what it would take from the user's working copy: packages that
 * were installed by `pip install -e`, and what PYTHONPATH names. None where no Python runs.
 */
export async function fromWorktree(
  worktree: Worktree,
  environment: Environment,
  command: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const [word = ''] = command;
  const [python = ''] = environment.command([/^(.*\/)?python[\d.]*$/.test(word) ? word : 'python']);
  const env = { ...process.env, ...environment.variables };
  const file = findCommand(python, env.PATH);
  if (environment.language === 'node' || !('file' in file)) return {};
  const { code, out } = await runChild([file.file, '-c', QUESTION], { env });
  if (code !== 0) return {};
  const own = (JSON.parse(out) as string[]).flatMap((folder) => worktree.placeOf(folder) ?? []);
  if (own.length === 0) return {};
  return { PYTHONPATH: [...new Set([...own, ...(env.PYTHONPATH ? [env.PYTHONPATH] : [])])].join(delimiter) };
}
