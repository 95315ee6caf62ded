import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StagesError } from '../error.ts';
import type { Say } from '../place.ts';
import { locked } from './lock.ts';
import { clear, isMade, markMade, type PythonEnvironment } from './packages.ts';
import { pip } from './pip.ts';
import { makeVirtualenv } from './virtualenv.ts';

export interface MakeOptions {
  readonly cache: string;
  readonly say: Say;
  readonly signal: AbortSignal;
}

/** Makes an environment, unless it exists; an incomplete one is rebuilt. @throws StagesError */
export async function makeEnvironment(environment: PythonEnvironment, options: MakeOptions): Promise<void> {
  if (isMade(environment)) return;
  const { cache, signal } = options;
  const say: Say = (what, detail) => options.say(`${environment.recipe.name}: ${what}`, detail);
  await locked(`${environment.folder}.lock`, say, signal, async () => {
    if (isMade(environment)) return;
    clear(environment);
    mkdirSync(dirname(environment.folder), { recursive: true });
    const startedMs = performance.now();
    say('a virtual environment');
    await locked(join(cache, 'tools', 'lock'), say, signal, () =>
      makeVirtualenv(environment.recipe.interpreter, environment.folder, cache, signal),
    );
    say('pip install');
    await install(environment, cache, say, signal);
    markMade(environment);
    say(`made in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
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
