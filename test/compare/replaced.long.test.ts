import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { layGarden } from './planted.ts';

const VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
const version = spawnSync('python3', ['-c', VERSION], { encoding: 'utf8' });
const skip = version.status === 0 ? false : 'no python3 is here';

/** What pip would have installed of a distribution. */
function installed(name: string, requires: string[], files: Record<string, string>): Record<string, string> {
  const info = `${name.replaceAll('-', '_')}-2.0.dist-info`;
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, 'Version: 2.0'];
  const all = {
    ...files,
    [`${info}/METADATA`]: [...metadata, ...requires.map((each) => `Requires-Dist: ${each}`), ''].join('\n'),
  };
  return {
    ...all,
    [`${info}/RECORD`]: Object.keys(all)
      .map((file) => `${file},,\n`)
      .join(''),
  };
}

const OPEN = { 'lib/__init__.py': 'most = 6\n' };
/** As urllib3-future does with urllib3: it has the modules of another one among its own, and a helper. */
const TAKER = { 'lib/__init__.py': 'import helper\nmost = 1\n', 'lib_future/__init__.py': '' };

const PROGRAM = `import http.client, sys, threading
import lib
gate = threading.Semaphore(lib.most)
def get(number):
    with gate:
        connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
        connection.request('GET', '/delay/0.15?n=%d' % number)
        connection.getresponse().read()
threads = [threading.Thread(target=get, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

/** Environments with `lib`, in one of which another distribution lies over it. */
async function laid(t: TestContext) {
  const folder = temporaryFolder(t);
  const { fast, slow } = layGarden(folder, { threshold: 1, plants: [] });
  const packages = (at: string) => join(at, 'lib', `python${version.stdout.trim()}`, 'site-packages');
  for (const at of [fast, slow]) lay(packages(at), installed('lib', [], OPEN));
  lay(packages(slow), {
    ...installed('lib-future', ['helper'], TAKER),
    ...installed('root', ['lib-future'], { 'root.py': '' }),
    ...installed('helper', [], { 'helper.py': '' }),
  });
  lay(folder, {
    'program.py': PROGRAM,
    ...Object.fromEntries(
      Object.entries(installed('lib', [], OPEN)).map(([file, text]) => [`published/${file}`, text]),
    ),
    // Has what is published, as the index would.
    'bin/uv': `#!/bin/sh
while [ "$1" != --target ]; do shift; done
test "$3" = lib==2.0 && cp -r '${join(folder, 'published')}' "$2"
`,
  });
  const server = await startServer();
  t.after(() => server.close());
  return {
    folder,
    fast,
    slow,
    command: ['--', 'python', join(folder, 'program.py'), String(server.httpPort)],
  };
}

const NAMES = ({ set }: { set: { text: string }[] }) => set.map(({ text }) => text);

test('what lies over the files of another distribution is proved by few runs, not the other, nor what requires it', {
  skip,
}, async (t) => {
  const { folder, fast, slow, command } = await laid(t);
  const words = ['compare', '--no-syscalls', '--json', fast, slow, ...command];
  const { code, out, err } = await abreast(words, { env: { XDG_CACHE_HOME: join(folder, 'cache') } });
  assert.equal(code, 0, err + out);
  const answer = JSON.parse(out);
  assert.deepEqual(NAMES(answer), ['lib-future 2.0']);
  assert.equal(answer.runs.length, 6);
});

test('in one environment, what was replaced is had as it is published; where it can not be had, that is said', {
  skip,
}, async (t) => {
  const { folder, slow, command } = await laid(t);
  const words = ['compare', '--no-syscalls', '--json', '--hide', 'lib-future', slow, ...command];
  const path = (...folders: string[]) => [...folders, process.env.PATH ?? ''].join(delimiter);
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), PATH: path(join(folder, 'bin')) };
  const { code, out, err } = await abreast(words, { env });
  assert.equal(code, 0, err + out);
  assert.deepEqual(NAMES(JSON.parse(out)), ['lib-future 2.0']);

  lay(folder, { 'bin/uv': '#!/bin/sh\necho "error: it is not there" >&2; exit 1\n' });
  const without = await abreast(words, { env: { ...env, XDG_CACHE_HOME: join(folder, 'other cache') } });
  assert.equal(without.code, 125, without.err);
  assert.match(
    JSON.parse(without.out).text,
    /^lib-future 2\.0 can't be hidden: there is no copy of lib 2\.0 as it is published: it is not there/,
  );
});
