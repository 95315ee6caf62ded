import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Interpreter,
  locked,
  makeOnce,
  makeVirtualenv,
  minorOf,
  pip,
  stagesCache,
} from '../../../stages/index.ts';
import { findCommand } from '../../../watch/index.ts';
import { CompareError } from '../../error.ts';
import type { Environment } from '../environment.ts';
import { pythonEnvironment } from '../python.ts';
import { interpreterFor } from './interpreter.ts';
import type { FileKind } from './kind.ts';
import { folderOf, type Making } from './making.ts';
import { Uv } from './uv.ts';
import { type Wanted, wantedOf } from './wanted.ts';

/**
 * The environment that a requirements file or a lock file describes, made unless it is in the cache.
 * @throws CompareError, StagesError when it can't be made
 */
export async function madeOfPython(
  given: string,
  file: string,
  kind: Exclude<FileKind, 'npm'>,
  making: Making,
): Promise<Environment> {
  const wanted = wantedOf(given, file, kind);
  const interpreter = await interpreterFor(making);
  const { version } = interpreter;
  const folder = folderOf(`python-${version}`, [kind, version, interpreter.file, wanted.text]);
  const python = join(folder, 'bin', 'python');
  const say = (what: string) => making.say(`${given}: ${what}`);
  const about = { given: file, python: version, made: new Date().toISOString() };
  // What a folder holds may have changed since: such an environment is made again each time.
  const isWhole = () => wanted.local === null && existsSync(python);
  await makeOnce({ folder, about, isWhole }, say, making.signal, async () => {
    say(`an environment of Python ${version}`);
    await install({ given, file, wanted, interpreter, folder, python, say, signal: making.signal });
  });
  return pythonEnvironment(given, python);
}

interface Work extends Pick<Making, 'say' | 'signal'> {
  readonly given: string;
  /** Requirements are relative to its folder. */
  readonly file: string;
  readonly wanted: Wanted;
  readonly interpreter: Interpreter;
  readonly folder: string;
  readonly python: string;
}

async function install(work: Work): Promise<void> {
  const { given, wanted, interpreter } = work;
  const isOld = minorOf(interpreter.version) === '2.7';
  const uv = findCommand('uv', process.env.PATH);
  if ('file' in uv && !isOld) return byUv(new Uv(uv.file, work.signal), work);
  if (wanted.needsUv)
    throw new CompareError(
      isOld
        ? `${given}: only uv reads this file, and it makes no environment of Python 2.7`
        : `${given}: only uv reads this file, and there is no uv on PATH: install it (pip install uv), or give a requirements file`,
    );
  return byPip(work);
}

async function byUv(uv: Uv, { given, file, wanted, interpreter, folder, python, say }: Work): Promise<void> {
  await uv.run(`${given}: uv can't make an environment`, [
    'venv',
    '--seed',
    '--python',
    interpreter.file,
    folder,
  ]);
  const requirements = await wanted.requirements(folder, {
    exported: (project) => uv.exported(given, project),
    python,
  });
  say('uv pip install');
  const words = ['pip', 'install', '--python', python, ...noDeps(wanted), '-r', requirements];
  await uv.run(`${given}: uv can't install it`, words, dirname(file));
}

async function byPip({ given, file, wanted, interpreter, folder, python, say, signal }: Work): Promise<void> {
  const cache = stagesCache();
  await locked(join(cache, 'tools', 'lock'), say, signal, () =>
    makeVirtualenv(interpreter, folder, cache, signal),
  );
  const requirements = await wanted.requirements(folder, {
    exported: () => Promise.reject(new Error('uv is not there')),
    python,
  });
  say('pip install');
  const words = ['install', '--progress-bar', 'off', ...noDeps(wanted), '-r', requirements];
  const wrong = await pip(python, words, { cache, signal, folder: dirname(file) });
  if (wrong !== null)
    throw new CompareError(`${given}: pip can't install it: ${wrong.replace(/^ERROR: /, '')}`);
}

function noDeps({ isComplete }: Wanted): string[] {
  return isComplete ? ['--no-deps'] : [];
}
