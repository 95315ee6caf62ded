import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { StagesError } from '../error.ts';
import { type Interpreter, minorOf, probe } from './interpreter.ts';

/** A Python of a version, or what was tried. */
export interface Found {
  readonly interpreter: Interpreter | null;
  /** '/usr/bin/python3 is 3.11.2', for who wonders why theirs was not found. */
  readonly tried: readonly string[];
}

/** Where to look. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
}

const HERE: Surroundings = { environment: process.env, home: homedir() };

/** Looks for a version ('3.7', '3.7.16') on PATH, then among what pyenv and uv have installed. */
export async function findPython(version: string, around: Surroundings = HERE): Promise<Found> {
  const tried: string[] = [];
  const minor = minorOf(version);
  for (const file of [...onPath(minor, around), ...ofPyenv(minor, around), ...ofUv(minor, around)]) {
    const found = await probe(file);
    if ('why' in found) tried.push(`${file}: ${found.why}`);
    else if ([found.version, minorOf(found.version)].includes(version)) return { interpreter: found, tried };
    else tried.push(`${file} is ${found.version}`);
  }
  return { interpreter: null, tried: tried.length > 0 ? tried : ['PATH, pyenv and uv have none'] };
}

/** A Python that the user named by its file. @throws StagesError if it is not a Python */
export async function pythonAt(file: string): Promise<Interpreter> {
  const found = await probe(file);
  if ('why' in found)
    throw new StagesError(`--python ${file}: this is no Python that can be used: ${found.why}`);
  return found;
}

/** The Pythons that a user gets by typing, each once. */
export async function pythonsOnPath(around: Surroundings = HERE): Promise<Interpreter[]> {
  const names = ['python3', 'python', 'python2'];
  const files = names.flatMap((name) => filesOnPath(name, around).slice(0, 1));
  const found = (await Promise.all(files.map(probe))).filter((each) => !('why' in each)) as Interpreter[];
  return [...new Map(found.map((each) => [each.prefix, each])).values()];
}

function onPath(minor: string, around: Surroundings): string[] {
  const names = [`python${minor}`, `python${minor.split('.')[0]}`, 'python'];
  return [...new Set(names.flatMap((name) => filesOnPath(name, around)))];
}

function filesOnPath(name: string, { environment }: Surroundings): string[] {
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).filter((file) => existsSync(file));
}

function ofPyenv(minor: string, { environment, home }: Surroundings): string[] {
  const versions = join(environment.PYENV_ROOT ?? join(home, '.pyenv'), 'versions');
  return foldersIn(versions, new RegExp(`^${minor.replace('.', '\\.')}\\.\\d+$`));
}

/** uv's own folder of Pythons: https://docs.astral.sh/uv/concepts/python-versions/. */
function ofUv(minor: string, { environment, home }: Surroundings): string[] {
  const data = environment.XDG_DATA_HOME ?? join(home, '.local', 'share');
  const folder = environment.UV_PYTHON_INSTALL_DIR ?? join(data, 'uv', 'python');
  return foldersIn(folder, new RegExp(`^cpython-${minor.replace('.', '\\.')}\\.\\d+-`));
}

/** bin/python of each folder whose name fits, the newest first. */
function foldersIn(folder: string, fits: RegExp): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => fits.test(name)) : [];
  const newestFirst = names.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return newestFirst.map((name) => join(folder, name, 'bin', 'python')).filter((file) => existsSync(file));
}
