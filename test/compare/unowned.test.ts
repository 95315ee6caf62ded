import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { differencesOf, type Side, textOf } from '../../src/compare/differences.ts';
import { distributionsIn } from '../../src/compare/environment/distributions.ts';
import { plainEnvironment } from '../../src/compare/environment/environment.ts';
import { lay, temporaryFolder } from '../folder.ts';

const OWN = {
  'kept/__init__.py': 'LIMIT = 1\n',
  'kept-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: kept\nVersion: 1.0\n',
  'kept-1.0.dist-info/RECORD': 'kept/__init__.py,,\nkept-1.0.dist-info/METADATA,,\n',
};

/** A side whose site-packages has these files. */
function side(name: string, folder: string, files: Record<string, string>, version = '3.12.1'): Side {
  const packages = join(folder, name, 'site-packages');
  lay(packages, files);
  const distributions = distributionsIn([packages]);
  return { name, environment: { ...plainEnvironment(), version, distributions }, variables: {} };
}

const differences = (slow: Side, fast: Side) => differencesOf(slow, fast).map(textOf);

test('what lies in site-packages and is of no distribution is a difference, and what tools write there is none', (t) => {
  const folder = temporaryFolder(t);
  const slow = side('B', folder, {
    ...OWN,
    'settings_of_ours.py': '',
    'company.pth': '/srv/lib\n',
    'sitecustomize.py': '',
    'copied/__init__.py': '',
    '__pycache__/settings_of_ours.cpython-312.pyc': '',
    'easy-install.pth': '/srv/checkout\n',
    '_virtualenv.py': '',
    'README.txt': '',
    'data/notes.txt': '',
  });
  assert.deepEqual(differences(slow, side('A', folder, OWN)), [
    'company.pth',
    'copied',
    'settings_of_ours.py',
    'sitecustomize.py',
  ]);
});

test('two distributions of one version are a difference where their files differ, but not their metadata', (t) => {
  const folder = temporaryFolder(t);
  const slow = side('B', folder, { ...OWN, 'kept/__init__.py': 'LIMIT = 9\n', 'loose.py': '1\n' });
  const fast = side('A', folder, { ...OWN, 'loose.py': '2\n' });
  assert.deepEqual(differences(slow, fast), ['kept 1.0 (its files differ)', 'loose.py (its files differ)']);
  const installer = { ...OWN, 'kept-1.0.dist-info/INSTALLER': 'uv\n' };
  assert.deepEqual(differences(side('C', folder, installer), side('D', folder, OWN)), []);
  // What is built for another Python has other files, and can't be exchanged.
  assert.deepEqual(differences(slow, side('E', folder, OWN, '3.8.18')), ['loose.py']);
});

test('what Python 2.7 says of itself in its standard library is no distribution', (t) => {
  const folder = temporaryFolder(t);
  const metadata = 'Metadata-Version: 1.1\nName: wsgiref\nVersion: 0.1.2\n';
  lay(folder, { 'python2.7/os.py': '', 'python2.7/wsgiref.egg-info': metadata });
  lay(folder, { 'python2.7/lib-dynload/Python-2.7.egg-info': metadata.replace('wsgiref', 'Python') });
  const folders = ['python2.7', 'python2.7/lib-dynload'].map((name) => join(folder, name));
  assert.equal(distributionsIn(folders).size, 0);
});
