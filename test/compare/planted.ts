import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lay } from '../folder.ts';

/** How a distribution comes into a program. */
export type Way =
  /** `try: import`. */
  | 'optional'
  /** An entry point that the program loads. */
  | 'plugin'
  /** A line of a .pth file. */
  | 'pth'
  /** `import`: on both sides, and only its version differs. */
  | 'version'
  /** Nobody imports it. */
  | 'idle'
  /** Another one imports it and does not say so; without it the program fails. */
  | 'needed'
  /** Another one requires it; without it that one can't be imported, and the program goes on without both. */
  | 'part';

/** A distribution that is made for a test. */
export interface Plant {
  readonly name: string;
  readonly way: Way;
  /** It takes part in making the program slow. */
  readonly culprit: boolean;
  readonly requires?: readonly string[];
  /** It imports this one itself. */
  readonly imports?: string;
}

/** Two environments that differ in these distributions. */
export interface Garden {
  readonly plants: readonly Plant[];
  /** So many culprits have to be there to make it slow: 1, or all. */
  readonly threshold: number;
  /** A variable that counts as one culprit, where it is set. */
  readonly variable?: string;
  /** A sitecustomize of the user's own is on both sides. */
  readonly customized?: boolean;
}

/** Where a garden lies. */
export interface Laid {
  readonly fast: string;
  readonly slow: string;
  readonly program: string;
}

/** 'plant_07' of 'plant-07.x': as a program imports it. */
export function moduleOf(name: string): string {
  return name.replaceAll(/[-.]/g, '_');
}

/** Makes both environments as venvs, without pip, and the program. @param python an interpreter of Python 3 */
export function layGarden(folder: string, garden: Garden, python = 'python3'): Laid {
  const [base, minor] = JSON.parse(
    execFileSync(python, ['-c', BASE], { encoding: 'utf8', env: { ...process.env, PYTHONPATH: '' } }),
  ) as [string, string];
  const [fast, slow] = [join(folder, 'fast side'), join(folder, 'slow side')];
  for (const [at, isSlow] of [
    [fast, false],
    [slow, true],
  ] as const) {
    const packages = join('lib', `python${minor}`, 'site-packages');
    mkdirSync(join(at, 'bin'), { recursive: true });
    symlinkSync(base, join(at, 'bin', 'python'));
    lay(at, {
      'pyvenv.cfg': `home = ${dirname(base)}\n`,
      ...(garden.customized && {
        [join(packages, 'sitecustomize.py')]: 'import sys; sys.own_customization = True\n',
      }),
    });
    for (const plant of garden.plants) {
      if (!isSlow && plant.way !== 'version') continue;
      lay(join(at, packages), filesOf(plant, isSlow));
    }
  }
  const program = join(folder, 'program.py');
  lay(folder, { 'program.py': programOf(garden) });
  return { fast, slow, program };
}

/** Asks a Python for the interpreter that its venvs are of, and its minor version. */
export const BASE = `import sys, json, os
print(json.dumps([os.path.realpath(getattr(sys, '_base_executable', sys.executable)), '%d.%d' % sys.version_info[:2]]))`;

function filesOf(
  { name, way, culprit, requires = [], imports }: Plant,
  isSlow: boolean,
): Record<string, string> {
  const version = way === 'version' && !isSlow ? '1.0' : '2.0';
  const module = moduleOf(name);
  const info = `${module}-${version}.dist-info`;
  const files: Record<string, string> = {
    [`${module}/__init__.py`]: [
      ...(imports === undefined ? [] : [`import ${moduleOf(imports)}`]),
      ...(culprit && isSlow
        ? ['import builtins', `builtins.planted = getattr(builtins, 'planted', set()) | {'${name}'}`]
        : []),
      '',
    ].join('\n'),
    ...(way === 'pth' && { [`${module}.pth`]: `import ${module}\n` }),
    [`${info}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      `Version: ${version}`,
      ...requires.map((each) => `Requires-Dist: ${each} (>=1)`),
      '',
    ].join('\n'),
    ...(way === 'plugin' && { [`${info}/entry_points.txt`]: `[planted]\n${module} = ${module}\n` }),
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((file) => `${file},,`).join('\n');
  return { ...files, [`${info}/RECORD`]: `${record}\n` };
}

const REQUESTS = 6;

function programOf({ plants, threshold, variable = 'UNSET', customized = false }: Garden): string {
  const quoted = (some: readonly Plant[]) => some.map(({ name }) => `'${moduleOf(name)}'`).join(', ');
  const optional = plants.filter(({ way }) => way === 'optional');
  const needed = new Set(plants.filter(({ way }) => way === 'needed').map(({ name }) => name));
  const leaning = optional.filter(({ imports = '' }) => needed.has(imports));
  const required = plants
    .filter(({ way }) => way === 'version')
    .map(({ name }) => `import ${moduleOf(name)}`);
  return `import builtins, http.client, importlib.util, os, sys, threading
from importlib.metadata import entry_points
${required.join('\n')}
for name in [${quoted(leaning)}]:
    if importlib.util.find_spec(name) is not None:
        __import__(name)
for name in [${quoted(optional)}]:
    try:
        __import__(name)
    except ImportError:
        pass
found = entry_points()
for plugin in (found.select(group='planted') if hasattr(found, 'select') else found.get('planted', [])):
    try:
        plugin.load()
    except ImportError:
        pass
assert getattr(sys, 'own_customization', False) is ${customized ? 'True' : 'False'}
gate = threading.Semaphore(1 if len(getattr(builtins, 'planted', ())) + ('${variable}' in os.environ) >= ${threshold} else ${REQUESTS})

def get(number):
    with gate:
        connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
        connection.request('GET', '/delay/0.15?n=%d' % number)
        connection.getresponse().read()
        connection.close()

threads = [threading.Thread(target=get, args=(number,)) for number in range(${REQUESTS})]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;
}
