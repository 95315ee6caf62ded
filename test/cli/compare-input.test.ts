import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { shell } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3 is here';

const READS = `
import sys
with open(sys.argv[1], 'a') as file:
    file.write('%d\\n' % len(sys.stdin.readlines()))
`;

test('the first run of a comparison does not use up standard input', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'reads.py': READS, 'urls.txt': 'a\nb\nc\n' });
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const compare =
    '$abreast compare --no-syscalls --env-a X=1 "$(which python3)" "$(which python3)" -- python reads.py';
  for (const line of [`cat urls.txt | ${compare} piped`, `${compare} redirected < urls.txt`]) {
    const { err, out } = await shell(line, { cwd: folder, env });
    const name = line.endsWith('piped') ? 'piped' : 'redirected';
    assert.equal(readFileSync(join(folder, name), 'utf8'), '3\n3\n', err + out);
  }
  const kept = join(folder, 'cache', 'abreast', 'compare');
  const left = readdirSync(kept).flatMap((each) => readdirSync(join(kept, each)));
  assert.deepEqual(
    left.filter((each) => each === 'input'),
    [],
  );
});

test('a pipe on which nothing comes does not hold a comparison up', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'reads.py': READS });
  const { err } = await shell(
    'mkfifo pipe; exec 3<> pipe; $abreast compare --no-syscalls "$(which python3)" "$(which python3)" -- python reads.py silent <&3',
    { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache') } },
  );
  assert.match(err, /nothing came on standard input in 2 s: runs have none/);
  assert.equal(readFileSync(join(folder, 'silent'), 'utf8'), '0\n0\n');
});

const POOLED = `
import sys, urllib.request
from concurrent.futures import ThreadPoolExecutor
urls = [line.strip() for line in sys.stdin]
with ThreadPoolExecutor(2) as pool:
    print(len(list(pool.map(lambda url: urllib.request.urlopen(url).read(), urls))))
`;

test('watch --try gives the run with a change the same standard input', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer();
  t.after(() => server.close());
  const urls = Array.from({ length: 8 }, (_, at) => `${server.httpUrl}/delay/0.3?i=${at}\n`);
  lay(folder, { 'pooled.py': POOLED, 'urls.txt': urls.join('') });
  const { out, err } = await shell(
    'cat urls.txt | $abreast watch --no-syscalls --try --yes -- python3 pooled.py',
    {
      cwd: folder,
      env: { XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder },
    },
  );
  assert.equal(out, '8\n8\n', err);
  assert.match(err, /ThreadPoolExecutor max_workers is 8 instead of 2: it helped/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('abreast-input')),
    [],
  );
});
