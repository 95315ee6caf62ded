import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { distributionsIn } from '../../src/compare/environment/distributions.ts';
import { plainEnvironment } from '../../src/compare/environment/environment.ts';
import { mirrorVenv } from '../../src/compare/environment/mirror.ts';
import { pythonEnvironment } from '../../src/compare/environment/python.ts';
import { runOnce } from '../../src/compare/run.ts';
import { lay, temporaryFolder } from '../folder.ts';

const PACKAGES = 'lib/python3.12/site-packages';

/** A folder like the one that an interpreter of conda or pyenv is installed in. */
function prefix(folder: string, name: string, version = '1.0'): string {
  const at = join(folder, name);
  lay(at, { 'bin/python3': '#!/bin/sh\n', 'lib/python3.12/os.py': '' });
  lay(join(at, PACKAGES), {
    'tracer.pth': 'import tracer\n',
    'tracer.py': '',
    'tracer-1.0.dist-info/METADATA': `Name: tracer\nVersion: ${version}\n`,
    'tracer-1.0.dist-info/RECORD': 'tracer.pth,,\ntracer.py,,\n',
  });
  return at;
}

test('an interpreter that is no venv has a venv of links without a .pth file, which sees none of its own packages', (t) => {
  const folder = temporaryFolder(t);
  const own = prefix(folder, 'conda');
  const mirrored = join(folder, 'mirror');
  const python = mirrorVenv(own, mirrored, new Set([join(own, PACKAGES, 'tracer.pth')]));
  assert.equal(python, join(mirrored, 'bin', 'python3'));
  assert.deepEqual(readdirSync(join(mirrored, PACKAGES)), ['tracer-1.0.dist-info', 'tracer.py']);
  assert.equal(
    readFileSync(join(mirrored, 'pyvenv.cfg'), 'utf8'),
    `home = ${join(own, 'bin')}\ninclude-system-site-packages = false\n`,
  );
});

test('a .pth file that lies elsewhere can not be left out', (t) => {
  const folder = temporaryFolder(t);
  const own = prefix(folder, 'venv');
  lay(own, { 'pyvenv.cfg': 'home = /usr/bin\ninclude-system-site-packages = true\n' });
  const elsewhere = new Set(['/usr/lib/python3/dist-packages/tracer.pth']);
  assert.equal(mirrorVenv(own, join(folder, 'mirror'), elsewhere), null);
  assert.equal(existsSync(join(folder, 'mirror')), false);
});

test('where a distribution comes from the other side, the .pth file of its own version does not run', async (t) => {
  const folder = temporaryFolder(t);
  const [slow, fast] = [prefix(folder, 'slow'), prefix(folder, 'fast', '2.0')];
  const installed = (at: string) => distributionsIn([join(at, PACKAGES)]);
  const leftOut: string[] = [];
  const environment = {
    ...plainEnvironment(),
    distributions: installed(slow),
    mirror: (_: string, files: ReadonlySet<string>) => {
      leftOut.push(...files);
      return null;
    },
  };
  mkdirSync(join(folder, 'runs'));
  const setup = {
    side: 'B',
    environment,
    hidden: [],
    overlaid: [...installed(fast).values()],
    variables: {},
  };
  await runOnce(1, setup, {
    command: ['true'],
    folder: join(folder, 'runs'),
    timeoutMs: 60_000,
    without: ['syscalls'],
    signal: new AbortController().signal,
  });
  assert.deepEqual(leftOut, [join(slow, PACKAGES, 'tracer.pth')]);
});

test('a script that pip made is started by the Python of the side, and not by the one in its first line', async (t) => {
  const folder = temporaryFolder(t);
  lay(join(folder, 'bin'), {
    python: '#!/bin/sh\necho \'["3.12.1", "/none", []]\'\n',
    report: '#!/elsewhere/bin/python3.12\n',
    long: '#!/bin/sh\n\'\'\'exec\' "/else where/bin/python" "$0" "$@"\n',
    'run.sh': '#!/bin/sh\npython report.py\n',
  });
  const python = join(folder, 'bin', 'python');
  const { command } = await pythonEnvironment(folder, python);
  assert.deepEqual(command(['report', '-v']), [python, join(folder, 'bin', 'report'), '-v']);
  assert.deepEqual(command(['long']), [python, join(folder, 'bin', 'long')]);
  for (const words of [['run.sh'], ['curl'], ['./report']]) assert.deepEqual(command(words), words);
});
