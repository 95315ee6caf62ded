import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodePackages } from '../../src/compare/environment/node.ts';
import { readMarks } from '../../src/compare/hide/marks.ts';
import { nodeHiding } from '../../src/compare/hide/node.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { nodeOf } from '../watch/node/nodes.ts';
import { packageOf } from './packages.ts';

/** Prints which copy of `dep` each way of asking gives, of the program and within the package `client`. */
const PROGRAM = `
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
const require = createRequire(import.meta.url);
const or = (get) => { try { return get(); } catch (error) { return error.code; } };
const versions = {
  require: or(() => require('dep')),
  resolve: or(() => require(require.resolve('dep'))),
  import: await import('dep').then((module) => module.default, (error) => error.code),
  client: or(() => require('client')),
  imports: await import('client/esm.mjs').then((module) => module.default, (error) => error.code),
};
const code = "let found; try { found = require('dep') } catch (error) { found = error.code } require('worker_threads').parentPort.postMessage(found)";
versions.worker = await new Promise((resolve) => new Worker(code, { eval: true }).once('message', resolve));
console.log(JSON.stringify(versions));
`;

const CLIENT = {
  ...packageOf('client', '1.0.0', 'module.exports = require("dep")', { dependencies: { dep: '*' } }),
  'node_modules/client/esm.mjs': 'export { default } from "dep";',
};
const dep = (version: string, within = '') =>
  packageOf(`${within}dep`, version, `module.exports = '${version}'`);

/** Lays two folders and a program beside them. */
async function sides(t: TestContext, own: Record<string, string>, other: Record<string, string>) {
  const folder = temporaryFolder(t);
  for (const [name, files] of [
    ['own', own],
    ['other', other],
  ] as const) {
    mkdirSync(join(folder, name));
    lay(join(folder, name), files);
  }
  lay(folder, { 'program.mjs': PROGRAM });
  const [a, b] = [
    await nodePackages('own', join(folder, 'own')),
    await nodePackages('other', join(folder, 'other')),
  ];
  let runs = 0;
  const run = (node: string, hidden: readonly string[], overlaid: readonly string[]) => {
    const marks = join(folder, `marks-${++runs}`);
    mkdirSync(marks);
    const of = (environment: typeof a, keys: readonly string[]) =>
      keys.map((key) => environment.distributions.get(key)!);
    const { status, stdout, stderr } = spawnSync(node, [join(folder, 'program.mjs')], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...a.variables,
        ...nodeHiding({ hidden: of(a, hidden), overlaid: of(b, overlaid), marks }, {}),
      },
    });
    assert.equal(status, 0, stderr);
    return { versions: JSON.parse(stdout), marks: readMarks(marks) };
  };
  return { run, a };
}

const BY_PROGRAM = ['require', 'resolve', 'import', 'worker'];
const BY_CLIENT = ['client', 'imports'];

function all(program: string, client: string): Record<string, string> {
  return Object.fromEntries([
    ...BY_PROGRAM.map((way) => [way, program]),
    ...BY_CLIENT.map((way) => [way, client]),
  ]);
}

for (const version of ['18.20.8', '20.20.2', '24.21.0']) {
  const { path: node, skip } = nodeOf(version);
  test(`Node ${version}: a copy within a package is hidden and replaced apart from the one at the top`, {
    skip,
  }, async (t) => {
    const nested = 'client/node_modules/dep';
    const { run, a } = await sides(
      t,
      { ...CLIENT, ...dep('1.0.0'), ...dep('1.5.0', 'client/node_modules/') },
      { ...CLIENT, ...dep('2.0.0'), ...dep('2.5.0', 'client/node_modules/') },
    );
    assert.deepEqual(
      [...a.distributions.values()].map(({ name }) => name),
      ['client', 'client > dep', 'dep'],
    );
    assert.deepEqual(a.distributions.get('client')!.requires, [nested]);
    assert.deepEqual(run(node, [], []).versions, all('1.0.0', '1.5.0'));
    assert.deepEqual(run(node, [], ['dep']).versions, all('2.0.0', '1.5.0'));
    assert.deepEqual(run(node, [], [nested]).versions, all('1.0.0', '2.5.0'));
    assert.deepEqual(run(node, [nested], []).versions, all('1.0.0', '1.0.0'));
    assert.deepEqual(run(node, [], ['client']).versions, all('1.0.0', '1.5.0'), 'the client alone');
  });

  test(`Node ${version}: what is hidden is not found, by whomever, and the mark says who asked`, {
    skip,
  }, async (t) => {
    const { run } = await sides(t, { ...CLIENT, ...dep('1.0.0') }, { ...CLIENT, ...dep('2.0.0') });
    const { versions, marks } = run(node, ['dep'], []);
    for (const [way, found] of Object.entries(versions))
      assert.match(String(found), /MODULE_NOT_FOUND$/, way);
    assert.equal(marks.ran, true);
    assert.ok(marks.asked.includes('dep'));
  });

  test(`Node ${version}: what the side that runs does not have comes with what it requires`, {
    skip,
  }, async (t) => {
    const { run } = await sides(t, dep('1.0.0'), { ...CLIENT, ...dep('2.5.0', 'client/node_modules/') });
    assert.deepEqual(run(node, [], ['client']).versions, all('1.0.0', '2.5.0'));
  });
}

test('a package.json that is no JSON is named, and workspaces that link to each other end', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'node_modules/plain/package.json': '{"version":"1.0.0"}',
    'packages/one/package.json': '{"version":"1.0.0","dependencies":{"two":"*"}}',
    'packages/two/package.json': '{"version":"1.0.0","dependencies":{"one":"*"}}',
  });
  for (const [name, other] of [
    ['one', 'two'],
    ['two', 'one'],
  ] as const) {
    const modules = join(folder, 'packages', name, 'node_modules');
    mkdirSync(modules);
    symlinkSync(join(folder, 'packages', other), join(modules, other));
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', name));
  }
  const { distributions } = await nodePackages('workspace', folder);
  assert.deepEqual([...distributions.keys()], ['one', 'plain', 'two']);
  lay(folder, { 'node_modules/plain/package.json': '{' });
  await assert.rejects(nodePackages('workspace', folder), {
    name: 'CompareError',
    message: /plain\/package\.json can't be read: /,
  });
});
