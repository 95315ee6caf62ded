import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { packageFolder } from './npm.ts';
import { packageOf } from './packages.ts';

/** A client whose package decides how many requests it lets through, unless `gate` is installed: then one at a time. */
const PROGRAM = `
let open = (await import('client')).most;
try { open = (await import('@planted/gate')).default; } catch (error) { if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error; }
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: open }, get));
`;

const CALM = packageOf('client', '1.0.0', 'exports.most = 6;');

/** Runs a comparison, and gives what it prints as JSON. */
async function comparison(t: TestContext, words: readonly string[], env: Record<string, string> = {}) {
  const cache = join(temporaryFolder(t), 'cache');
  const { code, err, out } = await abreast(['compare', '--no-syscalls', '--json', ...words], {
    env: { XDG_CACHE_HOME: cache, ...env },
  });
  assert.notEqual(out, '', err);
  const answer = JSON.parse(out) as Answer;
  return { code, err, answer, set: answer.set.map(({ text }) => text) };
}

interface Answer {
  readonly slow: string | null;
  readonly text: string;
  readonly set: readonly { readonly text: string }[];
  readonly runs: readonly object[];
}

async function slowAnswer(t: TestContext): Promise<string> {
  const server = await startServer();
  t.after(() => server.close());
  return `${server.httpUrl}/delay/0.15`;
}

async function compared(
  t: TestContext,
  sides: readonly [Record<string, string>, Record<string, string>],
  program = PROGRAM,
) {
  const folder = temporaryFolder(t);
  const folders = [join(folder, 'one folder'), join(folder, 'other')];
  for (const [at, each] of folders.entries()) {
    mkdirSync(join(each, 'node_modules'), { recursive: true });
    lay(each, sides[at]!);
  }
  lay(folder, { 'program.mjs': program });
  return comparison(t, [...folders, '--', 'node', join(folder, 'program.mjs'), await slowAnswer(t)]);
}

test('a package of Node that is merely installed is proved, roots before what they require', async (t) => {
  const { code, err, answer, set } = await compared(t, [
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
  assert.deepEqual(set, ['@planted/gate 3.1.0']);
});

test('a version of a package of Node is proved, where the program uses require', async (t) => {
  const program = `import { createRequire } from 'node:module';
const most = createRequire(import.meta.url)('client').most;
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
const get = async () => { for (let url; (url = urls.pop()); ) await (await fetch(url)).text(); };
await Promise.all(Array.from({ length: most }, get));`;
  const { code, err, set } = await compared(
    t,
    [CALM, packageOf('client', '2.0.0', 'exports.most = 1;')],
    program,
  );
  assert.equal(code, 0, err);
  assert.deepEqual(set, ['client 2.0.0 (not 1.0.0)']);
});

test('a copy within a package is named, where the packages at the top are the same', async (t) => {
  const client = packageOf('client', '1.0.0', 'exports.most = require("gate")', {
    dependencies: { gate: '*' },
  });
  const gate = (version: string, most: number) =>
    packageOf('client/node_modules/gate', version, `module.exports = ${most}`);
  const { code, err, set } = await compared(t, [
    { ...client, ...gate('2.0.0', 1), ...packageOf('idle', '2.0.0', '') },
    { ...client, ...gate('1.0.0', 6), ...packageOf('idle', '1.0.0', '') },
  ]);
  assert.equal(code, 0, err);
  assert.deepEqual(set, ['client > gate 2.0.0 (not 1.0.0)']);
});

const LAB = join(import.meta.dirname, '..', '..', 'lab', 'node');
const POLITE = join(LAB, 'installed');

/** The program of the story `node`, for five answers at once. */
async function story(t: TestContext): Promise<string[]> {
  return ['--', process.execPath, join(LAB, 'program.cjs'), 'concurrent', '5', await slowAnswer(t)];
}

test('the story node: the module that is merely installed is proved from two folders, in at most 6 runs', async (t) => {
  const folder = temporaryFolder(t);
  const [bare, polite] = [join(folder, 'bare'), join(folder, 'polite')];
  mkdirSync(join(bare, 'node_modules'), { recursive: true });
  cpSync(join(POLITE, 'polite-agent'), join(polite, 'node_modules', 'polite-agent'), { recursive: true });
  const { code, err, answer, set } = await comparison(t, [bare, polite, ...(await story(t))]);
  assert.equal(code, 0, err);
  assert.equal(answer.slow, 'B');
  assert.deepEqual(set, ['polite-agent 1.0.0']);
  assert.ok(answer.runs.length <= 6, err);
});

test('the story node: --suspects finds it in one environment, by the line that sets the limit', async (t) => {
  const { code, err, answer, set } = await comparison(t, ['--suspects', ...(await story(t))], {
    NODE_PATH: POLITE,
  });
  assert.equal(code, 0, err);
  assert.deepEqual(set, ['polite-agent 1.0.0']);
  assert.equal(answer.runs.length, 4, err);
});

test('a package of Node is hidden by its name, and one that the program needs is no answer', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    ...CALM,
    ...packageOf('@planted/gate', '3.1.0', 'module.exports = 1'),
    'program.mjs': PROGRAM,
  });
  const command = ['--', 'node', join(folder, 'program.mjs'), await slowAnswer(t)];
  const gone = await comparison(t, ['--hide', '@planted/gate', ...command]);
  assert.equal(gone.code, 0, gone.err);
  assert.deepEqual(gone.set, ['@planted/gate 3.1.0']);
  const needed = await comparison(t, ['--hide', 'client', ...command]);
  assert.equal(needed.code, 125, needed.err);
  assert.match(needed.answer.text, /^the program fails without/);
  const unknown = await comparison(t, ['--hide', 'gaet', ...command]);
  assert.equal(unknown.code, 125, unknown.err);
  assert.equal(unknown.answer.text, 'nothing is installed as gaet, and nobody imports it');
});

test('the story node: a variable of one side is the difference', async (t) => {
  const words = ['--env-a', 'POLITE_SOCKETS=100', process.execPath, process.execPath, ...(await story(t))];
  const { code, err, answer, set } = await comparison(t, words, { NODE_PATH: POLITE });
  assert.equal(code, 0, err);
  assert.equal(answer.slow, 'B');
  assert.deepEqual(set, ['no POLITE_SOCKETS']);
});

/** Since undici 7 a Pool of one connection sends one request at a time, whatever its `pipelining` says. */
const PIPELINED = `
import { Pool } from 'undici';
const { origin, pathname } = new URL(process.argv[2]);
const pool = new Pool(origin, { connections: 1, pipelining: 6 });
const get = async (_, n) => (await pool.request({ method: 'GET', path: pathname + '?n=' + n })).body.text();
await Promise.all(Array.from({ length: 6 }, get));
await pool.close();
`;

const [old, recent] = [packageFolder('undici', '6.29.1'), packageFolder('undici', '7.30.2')];

test('a version of undici makes the difference', { skip: old.skip || recent.skip }, async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'program.mjs': PIPELINED });
  const command = ['--', 'node', join(folder, 'program.mjs'), await slowAnswer(t)];
  const { code, err, answer, set } = await comparison(t, [old.folder, recent.folder, ...command]);
  assert.equal(code, 0, err);
  assert.equal(answer.slow, 'B');
  assert.deepEqual(set, ['undici 7.30.2 (not 6.29.1)']);
});
