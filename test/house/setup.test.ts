import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from './checkout.ts';

const lock = (packages: object) => JSON.stringify({ packages: { '': { name: 'abreast' }, ...packages } });
const LOCK = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/for-another-system': { version: '1.0.0', integrity: 'sha512-o', optional: true },
};
const INSTALLED = {
  'package-lock.json': lock(LOCK),
  'node_modules/.package-lock.json': lock({ 'node_modules/a': LOCK['node_modules/a'] }),
  'node_modules/node/bin/node': '',
};

/** Stands for npm: says how it was called, then does what the test wants of it. */
const npm = (does: string) => `
  const fs = require('node:fs');
  fs.writeFileSync('called', process.argv.slice(2).join(' ') + '\\n' + process.env.PATH);
  ${does}`;
const INSTALLS = `
  fs.mkdirSync('node_modules/node/bin', { recursive: true });
  fs.writeFileSync('node_modules/node/bin/node', '');
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`;

function setUp(t: TestContext, files: Readonly<Record<string, string>>, npmDoes = INSTALLS) {
  const root = temporaryFolder(t);
  cpSync(join(ROOT, 'scripts/setup.cjs'), join(root, 'scripts/setup.cjs'));
  lay(root, { ...files, 'npm.cjs': npm(npmDoes) });
  const run = () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/setup.cjs')], {
      encoding: 'utf8',
      env: {
        PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
        npm_execpath: join(root, 'npm.cjs'),
        npm_node_execpath: process.execPath,
      },
    });
    const called = join(root, 'called');
    return { status, stderr, called: existsSync(called) ? readFileSync(called, 'utf8') : '' };
  };
  return { root, run };
}

test('a first run installs and says so, the next is silent', (t) => {
  const { root, run } = setUp(t, { 'package-lock.json': lock(LOCK) });
  const first = run();
  assert.equal(first.status, 0);
  assert.match(first.stderr, /^setup: first run; npm ci .*\.\.\.\nsetup: done in [\d.]+ s\n$/);
  assert.match(first.called, /^ci --include=dev /);
  assert.ok(
    !first.called.includes(join(root, 'node_modules')),
    'npm must not run on the Node that it replaces',
  );
  assert.deepEqual({ ...run(), called: '' }, { status: 0, stderr: '', called: '' });
});

test('nothing is installed when the lockfile is only younger', (t) => {
  const { root, run } = setUp(t, INSTALLED);
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(root, 'package-lock.json'), later, later);
  assert.deepEqual(run(), { status: 0, stderr: '', called: '' });
});

for (const [what, files, why] of [
  ['another version', { 'package-lock.json': lock({ 'node_modules/a': { version: '2.0.0' } }) }, 'a 2.0.0'],
  [
    'a new package',
    { 'package-lock.json': lock({ ...LOCK, 'node_modules/@s/b': { version: '1.0.0' } }) },
    '@s/b 1.0.0',
  ],
  ['an install that was cut short', { 'node_modules/.package-lock.json': lock({}) }, 'a 1.0.0'],
] as const) {
  test(`${what} is installed`, (t) => {
    const { stderr, called } = setUp(t, { ...INSTALLED, ...files }).run();
    assert.ok(stderr.startsWith(`setup: ${why} is not installed; npm ci`), stderr);
    assert.notEqual(called, '');
  });
}

test('what npm says is shown when it fails, and one line says what to do', (t) => {
  const files = { 'package-lock.json': lock(LOCK) };
  const { status, stderr } = setUp(
    t,
    files,
    `console.error('npm error ENOTFOUND'); process.exitCode = 7;`,
  ).run();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /\nnpm error ENOTFOUND\nsetup: failed: npm ci ended with 7\. Nothing was started\. .*\n$/,
  );
});

test('a Node that was not laid down is a failure', (t) => {
  const { status, stderr } = setUp(t, { 'package-lock.json': lock(LOCK) }, '').run();
  assert.equal(status, 1);
  assert.match(stderr, /setup: failed: npm ran no install scripts.*ignore-scripts/);
});
