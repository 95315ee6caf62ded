import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { distributionsIn } from '../../src/compare/environment/distributions.ts';
import type { Distribution } from '../../src/compare/environment/environment.ts';
import { readMarks } from '../../src/compare/hide/marks.ts';
import { pythonHiding } from '../../src/compare/hide/python.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { environment } from '../watch/python/environments.ts';

/** A distribution with an entry point, as pip installs it. */
function distribution(name: string): Record<string, string> {
  const info = `${name}-1.0.dist-info`;
  return {
    [`${name}/__init__.py`]: '',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/entry_points.txt`]: `[planted]\n${name} = ${name}\n`,
    [`${info}/RECORD`]: `${name}/__init__.py,,\n${info}/METADATA,,\n${info}/entry_points.txt,,\n`,
  };
}

/** Runs a program with `gone` hidden of `gone` and `kept`, and gives its lines. */
function hiding(
  t: TestContext,
  python: string,
  code: string,
  more: Record<string, string> = {},
): readonly string[] {
  const folder = temporaryFolder(t);
  const [packages, marks] = [join(folder, 'packages'), join(folder, 'marks')];
  mkdirSync(marks);
  lay(packages, { ...distribution('gone'), ...distribution('kept'), ...more });
  const gone = distributionsIn([packages]).get('gone')!;
  const variables = pythonHiding({ hidden: [gone], overlay: null, marks }, {});
  const PYTHONPATH = [variables.PYTHONPATH, packages].join(delimiter);
  const { status, stdout, stderr } = spawnSync(python, ['-c', code], {
    encoding: 'utf8',
    env: { ...process.env, ...variables, PYTHONPATH },
  });
  assert.equal(status, 0, stderr);
  assert.equal(readMarks(marks).ran, true);
  return stdout.trim().split('\n');
}

const BY_PKG_RESOURCES = `
import pkg_resources
print(sorted(each.name for each in pkg_resources.iter_entry_points('planted')))
try:
    print(pkg_resources.get_distribution('gone'))
except pkg_resources.DistributionNotFound:
    print('not found')
print(pkg_resources.get_distribution('kept').version)`;

for (const name of ['py27', 'py38'])
  test(`${name}: what is hidden has no entry point and no version by pkg_resources`, (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const [names, ...versions] = hiding(t, made.path, BY_PKG_RESOURCES);
    assert.match(names!, /^\[u?'kept'\]$/);
    assert.deepEqual(versions, ['not found', '1.0']);
  });

test('what is hidden has no entry point and no version by importlib.metadata', (t) => {
  const made = environment('py38');
  if ('skip' in made) return t.skip(made.skip);
  const lines = hiding(
    t,
    made.path,
    `
from importlib import metadata
print([each.name for each in metadata.entry_points().get('planted', ())])
try:
    print(metadata.version('gone'))
except metadata.PackageNotFoundError:
    print('not found')`,
  );
  assert.deepEqual(lines, ["['kept']", 'not found']);
});

for (const name of ['py27', 'py38'])
  test(`${name}: what is hidden is neither found nor listed by pkgutil`, (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const lines = hiding(
      t,
      made.path,
      `
import pkgutil
try:
    import gone
    print('found')
except ImportError as error:
    print(str(error).replace("'", ''))
print(pkgutil.find_loader('gone'))
print(sorted(each[1] for each in pkgutil.iter_modules() if each[1] in ('gone', 'kept')))`,
    );
    assert.deepEqual(lines, ['No module named gone', 'None', "['kept']"]);
  });

/** As the backport of importlib.metadata does. */
const BRINGS_FINDER = `
import sys
from importlib.machinery import PathFinder
class Finder(PathFinder):
    pass
sys.meta_path.append(Finder())
`;

test('a finder that importlib_metadata brings does not bring back what is hidden', (t) => {
  const made = environment('py38');
  if ('skip' in made) return t.skip(made.skip);
  const lines = hiding(
    t,
    made.path,
    `
import importlib.util, importlib_metadata
print(importlib.util.find_spec('gone'))
print(importlib.util.find_spec('kept').name)`,
    { 'importlib_metadata.py': BRINGS_FINDER },
  );
  assert.deepEqual(lines, ['None', 'kept']);
});

for (const name of ['py27', 'py38'])
  test(`${name}: a sitecustomize can be hidden, which does not hide the hook itself`, (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const folder = temporaryFolder(t);
    const packages = join(folder, 'site-packages');
    mkdirSync(join(folder, 'marks'));
    lay(packages, { 'sitecustomize.py': 'print("ran")\n' });
    const code = 'import sys; print("program"); print("sitecustomize" in sys.modules)';
    const lines = (hidden: readonly Distribution[]) => {
      const marks = join(folder, 'marks');
      const variables = pythonHiding({ hidden, overlay: null, marks }, { PYTHONPATH: packages });
      const run = spawnSync(made.path, ['-c', code], {
        encoding: 'utf8',
        env: { ...process.env, ...variables },
      });
      assert.equal(readMarks(marks).ran, true, run.stderr);
      return run.stdout.trim().split('\n');
    };
    assert.deepEqual(lines([]), ['ran', 'program', 'True']);
    const [own] = distributionsIn([packages]).values();
    assert.deepEqual(lines([own!]), ['program', 'True']);
  });

for (const name of ['py27', 'py38'])
  test(`${name}: a .pth file of the other side imports the module that lies beside it`, (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const folder = temporaryFolder(t);
    const [own, overlay, marks] = ['site-packages', 'overlay', 'marks'].map((each) => join(folder, each));
    mkdirSync(marks!);
    lay(own!, { 'tracer.py': 'print("own")\n' });
    lay(overlay!, { 'tracer.py': 'print("other")\n', 'tracer.pth': 'import tracer\n' });
    const variables = pythonHiding({ hidden: [], overlay: overlay!, marks: marks! }, { PYTHONPATH: own! });
    const run = spawnSync(made.path, ['-c', 'pass'], {
      encoding: 'utf8',
      env: { ...process.env, ...variables },
    });
    assert.equal(run.stdout.trim(), 'other', run.stderr);
  });

for (const name of ['py27', 'py38'])
  test(`${name}: the hook says which Python runs, also where nothing is hidden`, (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const marks = temporaryFolder(t);
    const variables = pythonHiding({ hidden: [], overlay: null, marks }, {});
    const run = spawnSync(made.path, ['-c', 'import os, sys; print(os.path.realpath(sys.prefix))'], {
      encoding: 'utf8',
      env: { ...process.env, ...variables },
    });
    assert.deepEqual(readMarks(marks).prefixes, [run.stdout.trim()]);
  });
