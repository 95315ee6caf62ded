import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../src/testserver/index.ts';
import { PROGRAM, registry } from '../compare/registry.ts';
import { layRepository, stateOf } from '../compare/repositories.ts';
import { abreast, begin, end } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

/** A program that sends six requests, so many at once; it uses a package that git does not have. */
function program(most: number, more = ''): Record<string, string> {
  return {
    'tools/program.mjs': `import { each } from 'each';
const urls = Array.from({ length: 6 }, (_, n) => process.argv[2] + '?n=' + n);
await each(urls, ${most}, async (url) => (await fetch(url)).text());
${more}`,
  };
}

const EACH = {
  'tools/node_modules/each/package.json':
    '{"name":"each","version":"1.0.0","type":"module","exports":"./index.js"}',
  'tools/node_modules/each/index.js': `export async function each(urls, most, get) {
  const worker = async () => { for (let url; (url = urls.pop()); ) await get(url); };
  await Promise.all(Array.from({ length: most }, worker));
}`,
};

/** A repository where one commit makes the program serial, and another one is broken. */
async function laid(t: TestContext) {
  const folder = temporaryFolder(t);
  const repository = join(folder, 'my repository');
  layRepository(repository, [
    ['v0 The program', { ...program(6), '.gitignore': 'node_modules/\n' }],
    ['Words', program(6, '// words')],
    ['More words', program(6, '// more')],
    ['A mistake', program(6, 'process.exit(3);')],
    ['It is mended', program(6)],
    ['Be kind to the server', program(1)],
    ['v1', program(1, '// last words')],
  ]);
  lay(repository, { ...EACH, ...program(6, '// not committed') });
  const server = await startServer();
  t.after(() => server.close());
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch);
  return {
    repository,
    scratch,
    how: {
      cwd: join(repository, 'tools'),
      env: { XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: scratch },
    },
    url: `${server.httpUrl}/delay/0.15`,
  };
}

test('--bisect names the commit that makes a program serial, with the packages that git does not have', async (t) => {
  const { repository, scratch, how, url } = await laid(t);
  const before = stateOf(repository);
  const words = ['compare', '--no-syscalls', '--bisect', 'v0..v1', '--', 'node', 'program.mjs', url];
  const { code, out, err } = await abreast(words, how);
  assert.equal(code, 0, err + out);
  assert.match(out, /^First slow commit: [0-9a-f]{7,} 2026-01-02 Ann: Be kind to the server$/m);
  assert.match(out, /^ {2}[0-9a-f]{7,} is slow: {2}run \d+: serial, .*; run \d+: serial/m);
  assert.match(out, /^ {2}[0-9a-f]{7,} is fast: {2}run \d+: concurrent/m);
  assert.match(out, /^ {2}skipped: [0-9a-f]{7,} A mistake: run \d+ .* ends with 3/m);
  assert.match(out, /^see the change: git show [0-9a-f]{7,}$/m);
  assert.equal(stateOf(repository), before);
  assert.deepEqual(readdirSync(scratch), []);
});

test('--bisect of a lock file that git has makes the environment of each commit, and skips one that can not be made', async (t) => {
  const folder = temporaryFolder(t);
  const lock = await registry(t, folder);
  const repository = join(folder, 'my repository');
  layRepository(repository, [
    ['v0', { 'package-lock.json': lock('1.0.0'), 'program.mjs': PROGRAM }],
    ['Words', { 'words.txt': '' }],
    ['More words', { 'words.txt': 'more' }],
    ['A version that is not there', { 'package-lock.json': lock('3.0.0') }],
    ['It is mended', { 'package-lock.json': lock('1.0.0') }],
    ['client 2', { 'package-lock.json': lock('2.0.0') }],
    ['v1', { 'words.txt': 'last' }],
  ]);
  const server = await startServer();
  t.after(() => server.close());
  const env = {
    XDG_CACHE_HOME: join(folder, 'cache'),
    npm_config_cache: join(folder, 'npm'),
    npm_config_fetch_retries: '0',
  };
  const command = ['--', 'node', 'program.mjs', `${server.httpUrl}/delay/0.15`];
  const words = ['compare', '--no-syscalls', '--json', '--bisect', 'v0..v1', 'package-lock.json', ...command];
  const { code, out, err } = await abreast(words, { cwd: repository, env });
  assert.equal(code, 0, err + out);
  const { commit, before, skipped } = JSON.parse(out);
  assert.deepEqual([commit.subject, before.subject], ['client 2', 'It is mended']);
  assert.equal(skipped.length, 1);
  assert.match(skipped[0].why, /^package-lock\.json: npm can't install it: .*404/);
});

test('Ctrl-C during --bisect leaves the repository as it was, and --resume makes no run again', async (t) => {
  const { repository, scratch, how, url } = await laid(t);
  const before = stateOf(repository);
  const waits = join(scratch, '..', 'waits');
  const pid = join(scratch, '..', 'pid');
  lay(join(scratch, '..'), { waits: '' });
  // The third run is the first that git asks for.
  const line = `git log -1 --format=%s | grep -q '^v' || test ! -e '${waits}' || { echo $$ > '${pid}'; exec sleep 60; }; exec node program.mjs ${url}`;
  const words = ['--no-syscalls', '--json', '--bisect', 'v0..v1', '.', '--', 'sh', '-c', line];
  const child = begin(['compare', ...words], how);
  const ended = end(child);
  while (!existsSync(pid) && child.exitCode === null) await sleep(20);
  child.kill('SIGINT');
  const { code, out, err } = await ended;
  assert.equal(code, 130, err + out);
  const first = JSON.parse(out);
  assert.match(first.text, /^interrupted; go on with --resume /);
  assert.equal(first.slow, 'BAD');
  assert.equal(first.runs.length, 2);
  assert.throws(() => process.kill(Number(readFileSync(pid, 'utf8')), 0), { code: 'ESRCH' });
  assert.equal(stateOf(repository), before);
  assert.deepEqual(readdirSync(scratch), []);

  rmSync(waits);
  const resumed = await abreast(['compare', '--resume', first.folder, ...words], how);
  assert.equal(resumed.code, 0, resumed.err + resumed.out);
  assert.match(resumed.err, /^run 2 was made before: /m);
  assert.equal(JSON.parse(resumed.out).commit.subject, 'Be kind to the server');
});

test('--bisect outside of a repository, of no range and with what it does not go with is bad usage', async (t) => {
  const folder = temporaryFolder(t);
  const cases: [string[], RegExp][] = [
    [['--bisect', 'a..b', '--', 'true'], /error: --bisect: .* is in no working copy of git/],
    [['--bisect', 'a..b'], /error: give a command: abreast compare --bisect/],
    [['--bisect', 'a..b', '--suspects', '--', 'true'], /error: --bisect and --suspects/],
    [['--suspects', '--env-b', 'A=1', '--', 'true'], /error: --env-b is for a second environment/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await abreast(['compare', ...words], { cwd: folder });
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
});
