import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../cell.ts';
import { StagesError } from '../error.ts';
import type { Interpreter } from '../interpreters/interpreter.ts';
import { type MadeFolder, wasMade } from './once.ts';

/** What is installed for a cell, and what it is installed on. */
export interface Recipe {
  readonly interpreter: Interpreter;
  /** The requirements file. */
  readonly pins: string;
  /** Its description for the user: 'Python 3.7, pyopenssl'. */
  readonly name: string;
  /** The id of a patch of the story, applied when all is installed. */
  readonly patch: string | undefined;
  readonly runtime: string;
}

/** An environment, made or yet to be: the same recipe has the same folder. */
export interface PythonEnvironment {
  readonly recipe: Recipe;
  readonly folder: string;
  /** The Python within. */
  readonly python: string;
}

/** What the cell needs to have installed; null where that is nothing. */
export function recipeOf({ run, runtime, version, interpreter }: Cell, folder: string): Recipe | null {
  if (run.pins === undefined || interpreter === null) return null;
  const pins = join(folder, run.pins.replaceAll('{runtime}', runtime.id));
  if (!existsSync(pins)) throw new StagesError(`${folder}: the pins of the story are not there: ${pins}`);
  const what = /([^/]+)\.\w+$/.exec(pins)?.[1] ?? pins;
  const name = `Python ${version}: ${what}${run.patch === undefined ? '' : ' and the patch'}`;
  return { interpreter, pins, name, patch: run.patch, runtime: runtime.id };
}

/** Where an environment is, by what makes it: its pins, its patch, and the very Python. */
export function environmentOf(recipe: Recipe, patchText: string, cache: string): PythonEnvironment {
  const { interpreter, pins } = recipe;
  const required = readFileSync(pins, 'utf8')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter(Boolean);
  const hash = createHash('sha256')
    .update(JSON.stringify([LAYOUT, interpreter.version, interpreter.file, required, patchText]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, 'environments', `python-${interpreter.version}-${hash}`);
  return { recipe, folder, python: join(folder, 'bin', 'python') };
}

/** Changes when environments are made in another way than before. */
const LAYOUT = 1;

/** Whether it was made to its end. */
export function isMade(environment: PythonEnvironment): boolean {
  return wasMade(madeFolderOf(environment));
}

/** What it takes to make its folder once. */
export function madeFolderOf({ folder, recipe, python }: PythonEnvironment): MadeFolder {
  return {
    folder,
    about: { name: recipe.name, pins: recipe.pins },
    isWhole: () => existsSync(python),
  };
}
