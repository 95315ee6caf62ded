import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { DEPENDENCIES, PROGRAM, registry } from './registry.ts';

test('two package-lock.json are made by npm ci, without the scripts of the project, and not in it', async (t) => {
  const folder = temporaryFolder(t);
  const lock = await registry(t, folder);
  const linked = JSON.stringify({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/own': { resolved: 'packages/own', link: true } },
  });
  lay(folder, {
    'project/package.json': JSON.stringify({
      name: 'x',
      version: '1.0.0',
      dependencies: DEPENDENCIES,
      scripts: { prepare: 'exit 3' },
    }),
    'project/package-lock.json': lock('1.0.0'),
    'project/new.json': lock('2.0.0'),
    'project/gone.json': lock('3.0.0'),
    'project/linked.json': linked,
    'project/program.mjs': PROGRAM,
  });
  const server = await startServer();
  t.after(() => server.close());
  const env = {
    XDG_CACHE_HOME: join(folder, 'cache'),
    npm_config_local_prefix: join(folder, 'project'),
    npm_config_fetch_retries: '0',
    npm_config_cache: join(folder, 'npm'),
  };
  const cwd = join(folder, 'project');
  const command = ['--', 'node', 'program.mjs', `${server.httpUrl}/delay/0.15`];
  const words = ['--no-syscalls', '--json', 'package-lock.json', 'new.json', ...command];
  const { code, out, err } = await abreast(['compare', ...words], { env, cwd });
  assert.equal(code, 0, err);
  assert.deepEqual(
    JSON.parse(out).set.map(({ text }: { text: string }) => text),
    ['client 2.0.0 (not 1.0.0)'],
  );
  assert.ok(!existsSync(join(cwd, 'node_modules')), 'the project stays as it was');
  const told = async (name: string) => {
    const refused = await abreast(['compare', name, 'new.json', ...command], { env, cwd });
    assert.equal(refused.code, 2, refused.err);
    return refused.err;
  };
  assert.match(await told('gone.json'), /gone\.json: npm can't install it: .*404/);
  assert.match(await told('linked.json'), /linked\.json: node_modules\/own is a folder/);
});
