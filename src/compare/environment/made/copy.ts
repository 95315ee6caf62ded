import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce, pip, stagesCache } from '../../../stages/index.ts';
import { findCommand } from '../../../watch/index.ts';
import { CompareError } from '../../error.ts';
import { distributionsIn } from '../distributions.ts';
import { type Distribution, type Environment, labelOf } from '../environment.ts';
import { folderOf, type Making } from './making.ts';
import { Uv } from './uv.ts';

/**
 * A distribution of a Python as it is published, in a folder of its own: what it has in the environment was replaced.
 * @throws CompareError, StagesError when it can't be had
 */
export async function copyOf(
  distribution: Distribution,
  environment: Environment,
  { say, signal }: Pick<Making, 'say' | 'signal'>,
): Promise<Distribution> {
  const { name, key, version } = distribution;
  const [python = 'python'] = environment.command(['python']);
  const folder = folderOf(`${key}-${version}`, [key, version, environment.version]);
  const packages = join(folder, 'packages');
  const tell = (what: string) => say(`${labelOf(distribution)}, whose files were replaced: ${what}`);
  const isWhole = () => existsSync(packages);
  await makeOnce({ folder, about: { name, version }, isWhole }, tell, signal, async () => {
    tell('a copy of its own');
    mkdirSync(folder);
    const words = ['install', '--no-deps', '--target', packages, `${name}==${version}`];
    const trouble = `there is no copy of ${labelOf(distribution)} as it is published`;
    const uv = findCommand('uv', process.env.PATH);
    if ('file' in uv) await new Uv(uv.file, signal).run(trouble, ['pip', ...words, '--python', python]);
    else {
      const wrong = await pip(python, words, { cache: stagesCache(), signal });
      if (wrong !== null) throw new CompareError(`${trouble}: ${wrong}`);
    }
  });
  const copy = distributionsIn([packages]).get(key);
  if (copy === undefined) throw new CompareError(`${folder} has no ${labelOf(distribution)}: delete it`);
  return copy;
}
