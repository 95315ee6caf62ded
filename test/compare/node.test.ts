import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

/** A client whose package decides how many requests it lets through, unless `gate` is installed: then one at a time. */
const PROGRAM = `
let open = (await import('client')).most;
try { open = (await import('@planted/gate')).default; } catch (error) { if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error; }
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: open }, get));
`;

/** A package of one file. */
function packageOf(name: string, version: string, code: string, more: object = {}): Record<string, string> {
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version, main: 'index.js', ...more }),
    [`${folder}/index.js`]: code,
  };
}

const CALM = packageOf('client', '1.0.0', 'exports.most = 6;');

async function compared(
  t: TestContext,
  sides: readonly [Record<string, string>, Record<string, string>],
  program = PROGRAM,
) {
  const folder = temporaryFolder(t);
  const [a, b] = [join(folder, 'one folder'), join(folder, 'other')];
  for (const [at, files] of [
    [a, sides[0]],
    [b, sides[1]],
  ] as const) {
    mkdirSync(join(at, 'node_modules'), { recursive: true });
    lay(at, files);
  }
  lay(folder, { 'program.mjs': program });
  const server = await startServer();
  t.after(() => server.close());
  const words = [
    '--no-syscalls',
    '--json',
    a,
    b,
    '--',
    'node',
    join(folder, 'program.mjs'),
    `${server.httpUrl}/delay/0.15`,
  ];
  const { code, out, err } = await abreast(['compare', ...words], {
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
  });
  assert.notEqual(out, '', err);
  return { code, err, answer: JSON.parse(out) };
}

test('a package of Node that is merely installed is proved, roots before what they require', async (t) => {
  const { code, err, answer } = await compared(t, [
    {
      ...CALM,
      ...packageOf('@planted/gate', '3.1.0', 'module.exports = require("one");', {
        dependencies: { one: '*' },
      }),
      ...packageOf('one', '1.0.0', 'module.exports = 1;'),
      ...packageOf('idle', '1.0.0', ''),
    },
    CALM,
  ]);
  assert.equal(code, 0, err);
  assert.equal(answer.slow, 'A');
  assert.deepEqual(
    answer.set.map(({ text }: { text: string }) => text),
    ['@planted/gate 3.1.0'],
  );
});

test('a version of a package of Node is proved, where the program uses require', async (t) => {
  const program = `import { createRequire } from 'node:module';
const most = createRequire(import.meta.url)('client').most;
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: most }, get));`;
  const { code, err, answer } = await compared(
    t,
    [CALM, packageOf('client', '2.0.0', 'exports.most = 1;')],
    program,
  );
  assert.equal(code, 0, err);
  assert.deepEqual(
    answer.set.map(({ text }: { text: string }) => text),
    ['client 2.0.0 (not 1.0.0)'],
  );
});
