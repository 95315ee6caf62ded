import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeEnvironment } from '../../src/stages/environments/make.ts';
import { environmentOf, isMade, type Recipe, recipeOf } from '../../src/stages/environments/packages.ts';
import { type Interpreter, probe } from '../../src/stages/interpreters/interpreter.ts';
import { lay, temporaryFolder } from '../folder.ts';

const signal = new AbortController().signal;
const PYTHON: Interpreter = { language: 'python', file: '/py', version: '3.7.16', prefix: '/' };

function recipe(pins: string, interpreter = PYTHON): Recipe {
  return { interpreter, pins, name: 'Python 3.7: demo', patch: undefined, runtime: '3.7' };
}

test('the folder of an environment is of its pins, its patch and the very Python, not of comments', (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'a.txt': 'one==1\n', 'b.txt': '# the same\none==1 # here\n\n', 'c.txt': 'one==2\n' });
  const at = (file: string, patch = '', interpreter = PYTHON) =>
    environmentOf(recipe(join(folder, file), interpreter), patch, '/cache').folder;
  assert.match(at('a.txt'), /^\/cache\/environments\/python-3\.7\.16-[0-9a-f]{16}$/);
  assert.equal(at('a.txt'), at('b.txt'));
  const others = [at('c.txt'), at('a.txt', 'a patch'), at('a.txt', '', { ...PYTHON, file: '/other' })];
  assert.equal(new Set([at('a.txt'), ...others]).size, 4);
});

test('a cell without pins needs no environment, and pins that are not there are said', () => {
  const cell = {
    run: { environment: {}, arguments: [] },
    runtime: { id: '3.7' },
    version: '3.7',
    interpreter: PYTHON,
  };
  assert.equal(recipeOf(cell as never, '/story'), null);
  const pinned = { ...cell, run: { ...cell.run, pins: 'pins/{runtime}/x.txt' } };
  assert.throws(() => recipeOf(pinned as never, '/story'), {
    name: 'StagesError',
    message: /\/story\/pins\/3\.7\/x\.txt$/,
  });
});

const python = await probe('python3');
const hasVenv = !('why' in python) && isVenvThere(python.file);
const skip = hasVenv ? false : 'no python3 with venv is here: apt-get install python3-venv';

/** A package of one module, as a wheel, so that installing it takes no network. */
const MAKE_WHEEL = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('demo.py', 'answer = 42')
    wheel.writestr('demo-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1\\n')
    wheel.writestr('demo-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('demo-1.dist-info/RECORD', 'demo.py,,\\ndemo-1.dist-info/METADATA,,\\ndemo-1.dist-info/WHEEL,,\\ndemo-1.dist-info/RECORD,,\\n')
`;

test('what pip refuses is said; what was left half made is made anew, once', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const interpreter = python as Interpreter;
  const wheel = join(folder, 'demo-1-py3-none-any.whl');
  lay(folder, { 'pins.txt': `${wheel}\n` });
  const environment = environmentOf(recipe(join(folder, 'pins.txt'), interpreter), '', folder);
  const said: string[] = [];
  const make = () => makeEnvironment(environment, { cache: folder, say: (what) => said.push(what), signal });

  await assert.rejects(make(), {
    name: 'StagesError',
    message: /^Python 3\.7: demo: pip can't install .*pins\.txt: .*demo-1/,
  });
  assert.ok(!isMade(environment));
  writeFileSync(join(environment.folder, 'left-behind'), '');

  execFileSync(interpreter.file, ['-c', MAKE_WHEEL, wheel]);
  await make();
  assert.ok(isMade(environment));
  assert.ok(!existsSync(join(environment.folder, 'left-behind')));
  const answer = ['-c', 'import demo; print(demo.answer)'];
  assert.equal(execFileSync(environment.python, answer, { encoding: 'utf8' }), '42\n');

  const once = said.length;
  await make();
  assert.equal(said.length, once);
});

function isVenvThere(file: string): boolean {
  try {
    execFileSync(file, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
