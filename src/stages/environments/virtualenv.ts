import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../child.ts';
import { StagesError } from '../error.ts';
import type { Interpreter } from '../interpreters/interpreter.ts';
import { pip, pythonEnvironment } from './pip.ts';

/** The last virtualenv that runs on Python 2.7, and that makes environments of it with a pip inside. */
const VIRTUALENV = 'virtualenv==20.15.1';

/** Makes an empty virtual environment with a pip in it. @throws StagesError saying what was tried and what to do */
export async function makeVirtualenv(
  interpreter: Interpreter,
  folder: string,
  cache: string,
  signal: AbortSignal,
): Promise<void> {
  if (interpreter.version.startsWith('2.')) await byVirtualenv(interpreter, folder, cache, signal);
  else await byVenv(interpreter, folder, signal);
}

async function byVenv({ file, version }: Interpreter, folder: string, signal: AbortSignal): Promise<void> {
  const { code, err, out } = await run([file, '-m', 'venv', folder], { env: pythonEnvironment(), signal });
  if (code === 0) return;
  const minor = version.split('.').slice(0, 2).join('.');
  throw new StagesError(
    `${file} -m venv fails: ${lastLine(err || out)}. On Debian and Ubuntu: apt install python${minor}-venv; or name another Python: --python PATH`,
  );
}

/** Python 2.7 has no venv: by its own virtualenv, by one put aside for it, or by that of a Python 3. */
async function byVirtualenv(
  { file }: Interpreter,
  folder: string,
  cache: string,
  signal: AbortSignal,
): Promise<void> {
  const aside = join(cache, 'tools', 'virtualenv-2.7');
  const helper = join(cache, 'tools', 'virtualenv-3');
  const python3 = join(helper, 'bin', 'python');
  const words = ['--quiet', '--no-download', folder];
  const tried: string[] = [];
  const succeeds = async (command: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const { code, err, out } = await run(command, { env: pythonEnvironment(more), signal });
    if (code !== 0) tried.push(`${command.slice(0, 3).join(' ')}: ${lastLine(err || out)}`);
    return code === 0;
  };
  const installs = async (python: string, ...more: readonly string[]) => {
    const wrong = await pip(python, ['install', '--quiet', VIRTUALENV, ...more], { cache, signal });
    if (wrong !== null) tried.push(`${python} -m pip install ${VIRTUALENV}: ${wrong}`);
    return wrong === null;
  };
  const byAside = () => succeeds([file, '-m', 'virtualenv', ...words], { PYTHONPATH: aside });
  const byHelper = () => succeeds([python3, '-m', 'virtualenv', '-p', file, ...words]);

  if (existsSync(join(aside, 'virtualenv')) && (await byAside())) return;
  if (await succeeds([file, '-m', 'virtualenv', ...words])) return;
  rmSync(aside, { recursive: true, force: true });
  if ((await installs(file, '--target', aside)) && (await byAside())) return;
  if (existsSync(join(helper, 'bin', 'virtualenv')) && (await byHelper())) return;
  const hasHelper = await succeeds(['python3', '-m', 'venv', '--clear', helper]);
  if (hasHelper && (await installs(python3)) && (await byHelper())) return;
  throw new StagesError(
    `no virtual environment can be made for ${file}: ${tried.join('; ')}. Repair one of these, name another Python (--python), or with stages use containers (--docker)`,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
