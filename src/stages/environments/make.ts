import { join } from 'node:path';
import { StagesError } from '../error.ts';
import type { Say } from '../place.ts';
import { locked } from './lock.ts';
import { makeOnce } from './once.ts';
import { madeFolderOf, type PythonEnvironment } from './packages.ts';
import { pip } from './pip.ts';
import { makeVirtualenv } from './virtualenv.ts';

export interface MakeOptions {
  readonly cache: string;
  readonly say: Say;
  readonly signal: AbortSignal;
}

/** Makes an environment, unless it exists; an incomplete one is rebuilt. @throws StagesError */
export async function makeEnvironment(environment: PythonEnvironment, options: MakeOptions): Promise<void> {
  const { cache, signal } = options;
  const { interpreter, name } = environment.recipe;
  const say: Say = (what, detail) => options.say(`${name}: ${what}`, detail);
  await makeOnce(madeFolderOf(environment), say, signal, async () => {
    say('a virtual environment');
    await locked(join(cache, 'tools', 'lock'), say, signal, () =>
      makeVirtualenv(interpreter, environment.folder, cache, signal),
    );
    say('pip install');
    await install(environment, cache, say, signal);
  });
}

async function install(
  { recipe, python }: PythonEnvironment,
  cache: string,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const words = ['install', '--no-deps', '--progress-bar', 'off', '-r', recipe.pins];
  const wrong = await pip(python, words, { cache, signal, onStep: (step) => say('pip install', step) });
  if (wrong === null) return;
  throw new StagesError(`${recipe.name}: pip can't install ${recipe.pins}: ${wrong}`);
}
