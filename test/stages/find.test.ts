import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findPython, pythonAt, pythonsOnPath } from '../../src/stages/interpreters/find.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { fakePython } from './laid.ts';

/** A machine whose PATH, pyenv and uv are in the folder. */
function machine(folder: string, ...path: readonly string[]) {
  return {
    home: join(folder, 'home'),
    environment: { PATH: path.map((each) => join(folder, each)).join(delimiter) },
  };
}

test('a version is found on PATH by any of its names, past one that is another version and a shim that does not run', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'shims/python3.7': "#!/bin/sh\necho 'pyenv: python3.7: command not found' >&2\nexit 127\n",
    'usr/python3': fakePython('3.11.2', '/usr'),
    'own/python': fakePython('3.7.9', '/own'),
  });
  const { interpreter, tried } = await findPython('3.7', machine(folder, 'shims', 'usr', 'own'));
  assert.equal(interpreter?.file, join(folder, 'own/python'));
  assert.equal(interpreter?.version, '3.7.9');
  assert.deepEqual(tried, [
    `${folder}/shims/python3.7: pyenv: python3.7: command not found`,
    `${folder}/usr/python3 is 3.11.2`,
  ]);
});

test('pyenv and uv are looked at where PATH has none, the newest first', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'home/.pyenv/versions/3.7.9/bin/python': fakePython('3.7.9', '/a'),
    'home/.pyenv/versions/3.7.16/bin/python': fakePython('3.7.16', '/b'),
    'home/.pyenv/versions/3.70.1/bin/python': fakePython('3.70.1', '/c'),
    'home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python': fakePython('3.13.1', '/d'),
  });
  const around = machine(folder, 'nothing');
  assert.equal((await findPython('3.7', around)).interpreter?.version, '3.7.16');
  assert.equal((await findPython('3.13', around)).interpreter?.version, '3.13.1');
  assert.equal(
    (await findPython('3.7.9', around)).interpreter?.version,
    '3.7.9',
    'the whole version, where it is named',
  );
  assert.equal((await findPython('3.7.1', around)).interpreter, null);
});

test('where there is none it is said what was tried', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'bin'));
  lay(folder, { 'pypy/python2.7': fakePython('2.7.18', '/pypy', 'PyPy') });
  assert.deepEqual(await findPython('2.7', machine(folder, 'pypy')), {
    interpreter: null,
    tried: [`${folder}/pypy/python2.7: it is PyPy`],
  });
  const { tried } = await findPython('2.7', machine(folder, 'bin'));
  assert.deepEqual(tried, ['PATH, pyenv and uv have none']);
});

test('the Pythons that a user types are each found once', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'bin/python': fakePython('3.12.1', '/same'),
    'bin/python3': fakePython('3.12.1', '/same'),
    'bin/python2': fakePython('2.7.18', '/two'),
    'later/python3': fakePython('3.9.1', '/hidden'),
  });
  const found = await pythonsOnPath(machine(folder, 'bin', 'later'));
  assert.deepEqual(
    found.map(({ version }) => version),
    ['3.12.1', '2.7.18'],
  );
});

test('a file that is no Python is refused with the reason', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'not-python': '#!/bin/sh\necho no >&2\nexit 3\n' });
  await assert.rejects(pythonAt(join(folder, 'not-python')), {
    name: 'StagesError',
    message: `--python ${folder}/not-python: this is no Python that can be used: no`,
  });
});
