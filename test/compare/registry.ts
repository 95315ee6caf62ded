import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { lay } from '../folder.ts';

/** What a project says that it needs of the registry. */
export const DEPENDENCIES = { client: '*' };

/** Sends six requests, as many at once as the package `client` lets through: 6 in its version 1.0.0, 1 in 2.0.0. */
export const PROGRAM = `import { most } from 'client';
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: most }, get));
`;

/** Serves two versions of a package, as npm would have them from the network; gives a lock file that takes one of them. */
export async function registry(t: TestContext, folder: string): Promise<(version: string) => string> {
  for (const [version, most] of [
    ['1.0.0', 6],
    ['2.0.0', 1],
  ] as const) {
    lay(folder, {
      [`${version}/package.json`]: JSON.stringify({ name: 'client', version, main: 'index.js' }),
      [`${version}/index.js`]: `exports.most = ${most};`,
    });
    execFileSync('npm', ['pack', '--silent'], { cwd: join(folder, version) });
  }
  const server = createServer((request, response) => {
    const version = /client-(.*)\.tgz$/.exec(request.url!)?.[1] ?? '';
    const file = join(folder, version, `client-${version}.tgz`);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (version) =>
    JSON.stringify({
      name: 'x',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'x', version: '1.0.0', dependencies: DEPENDENCIES },
        'node_modules/client': { version, resolved: `${origin}/client-${version}.tgz` },
      },
    });
}
