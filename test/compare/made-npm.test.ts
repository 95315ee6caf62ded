import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

test('two package-lock.json are made by npm ci, without the scripts of the project, and not in it', async (t) => {
  const folder = temporaryFolder(t);
  for (const version of ['1.0.0', '2.0.0']) {
    const most = version === '1.0.0' ? 6 : 1;
    lay(folder, {
      [`${version}/package.json`]: JSON.stringify({ name: 'client', version, main: 'index.js' }),
      [`${version}/index.js`]: `exports.most = ${most};`,
    });
    execFileSync('npm', ['pack', '--silent'], { cwd: join(folder, version) });
  }
  const registry = createServer((request, response) => {
    const version = /client-(.*)\.tgz$/.exec(request.url!)?.[1] ?? '';
    const file = join(folder, version, `client-${version}.tgz`);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  t.after(() => registry.close());
  const origin = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const dependencies = { client: '*' };
  const lock = (version: string) =>
    JSON.stringify({
      name: 'x',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'x', version: '1.0.0', dependencies },
        'node_modules/client': { version, resolved: `${origin}/client-${version}.tgz` },
      },
    });
  const linked = JSON.stringify({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/own': { resolved: 'packages/own', link: true } },
  });
  lay(folder, {
    'project/package.json': JSON.stringify({
      name: 'x',
      version: '1.0.0',
      dependencies,
      scripts: { prepare: 'exit 3' },
    }),
    'project/package-lock.json': lock('1.0.0'),
    'project/new.json': lock('2.0.0'),
    'project/gone.json': lock('3.0.0'),
    'project/linked.json': linked,
    'project/program.mjs': `import { createRequire } from 'node:module';
import { most } from 'client';
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: most }, get));`,
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
