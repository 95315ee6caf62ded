import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kindOf } from '../../src/compare/environment/made/kind.ts';
import { wantedOf } from '../../src/compare/environment/made/wanted.ts';
import { startServer } from '../../src/testserver/index.ts';
import { abreast, begin, end } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

const python = spawnSync('python3', ['-c', 'import sys, venv, ensurepip; print(sys.executable)'], {
  encoding: 'utf8',
});
const skip = python.status === 0 ? false : 'no python3 with venv is here: apt-get install python3-venv';
/** PATH without uv, so that pip is used wherever the tests run. */
const PLAIN = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !existsSync(join(folder, 'uv')))
  .join(delimiter);
const uv = (process.env.PATH ?? '').split(delimiter).find((folder) => existsSync(join(folder, 'uv')));

/** Wheels of `client` 1.0 and 2.0, which differ in how many requests they let through; nothing is downloaded. */
const MAKE_WHEELS = `import sys, zipfile
for version, most in ('1.0', 6), ('2.0', 1):
    info = 'my_client-%s.dist-info/' % version
    with zipfile.ZipFile('%s/my_client-%s-py3-none-any.whl' % (sys.argv[1], version), 'w') as wheel:
        files = {
            'my_client.py': 'most = %d\\n' % most,
            info + 'METADATA': 'Metadata-Version: 2.1\\nName: my.client\\nVersion: %s\\n' % version,
            info + 'WHEEL': 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
        }
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(info + 'RECORD', ''.join(name + ',,\\n' for name in files))
`;

const PROGRAM = `import http.client, sys, threading
import my_client
gate = threading.Semaphore(my_client.most)
def get(number):
    with gate:
        connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
        connection.request('GET', '/delay/0.15?n=%d' % number)
        connection.getresponse().read()
threads = [threading.Thread(target=get, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

/** A folder with a space in its name, that has wheels and the program. */
function project(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'my project');
  mkdirSync(join(folder, 'wheels'), { recursive: true });
  execFileSync('python3', ['-c', MAKE_WHEELS, join(folder, 'wheels')]);
  lay(folder, {
    'program.py': PROGRAM,
    'common.txt': '--no-index\n--find-links ./wheels\n',
    'old 1.txt': '-r common.txt\nmy-client==1.0 # fast\n',
    'new.txt': '-r common.txt\nmy-client==2.0\n',
  });
  return folder;
}

function variables(folder: string, path = PLAIN): Record<string, string> {
  return { XDG_CACHE_HOME: join(folder, 'my cache'), PATH: path, PIP_FIND_LINKS: '', PIP_NO_INDEX: '' };
}

/** What is told of sides that can't be opened. */
async function refused(folder: string, words: readonly string[], env = variables(folder)) {
  const { code, err } = await abreast(['compare', ...words, '--', 'python', 'program.py'], {
    env,
    cwd: folder,
  });
  const lines = err.trimEnd().split('\n');
  assert.equal(code, 2, err);
  assert.equal(lines.filter((line) => line.startsWith('error: ')).length, 1, err);
  assert.doesNotMatch(err, /^run \d/m);
  return lines.find((line) => line.startsWith('error: '))!;
}

async function isProved(
  t: TestContext,
  folder: string,
  sides: readonly string[],
  env: Record<string, string>,
) {
  const server = await startServer();
  t.after(() => server.close());
  const words = ['--no-syscalls', '--json', ...sides, '--', 'python', 'program.py', String(server.httpPort)];
  const { code, out, err } = await abreast(['compare', ...words], { env, cwd: folder });
  assert.equal(code, 0, err);
  const answer = JSON.parse(out);
  assert.deepEqual(
    answer.set.map(({ text }: { text: string }) => text),
    ['my.client 2.0 (not 1.0)'],
  );
  return err;
}

test('of two requirement files the version that matters is proved, and the second time no environment is made', {
  skip,
}, async (t) => {
  const folder = project(t);
  const env = variables(folder);
  const first = await isProved(t, folder, ['--python', python.stdout.trim(), 'old 1.txt', 'new.txt'], env);
  assert.match(first, /^old 1\.txt: pip install$/m);
  assert.match(first, /^new\.txt: made in/m);
  const second = await isProved(t, folder, ['--python', python.stdout.trim(), 'new.txt', 'old 1.txt'], env);
  assert.doesNotMatch(second, /pip install|made in/);

  lay(folder, { 'common.txt': '--no-index\n--find-links ./wheels\nnowhere==1\n' });
  const changed = await refused(folder, ['--python', python.stdout.trim(), 'old 1.txt', 'old 1.txt'], env);
  assert.match(changed, /old 1\.txt: pip can't install it: .*nowhere/, 'what it includes is part of it');
});

test('uv makes the environments where it is there, of requirements as well as of a uv.lock', {
  skip: skip || (uv === undefined ? 'no uv is on PATH: pip install uv' : false),
}, async (t) => {
  const folder = project(t);
  const wheel = (version: string) => join(folder, 'wheels', `my_client-${version}-py3-none-any.whl`);
  const hash = (version: string) =>
    createHash('sha256')
      .update(readFileSync(wheel(version)))
      .digest('hex');
  const lock = (version: string) => `version = 1
requires-python = ">=3.8"

[[package]]
name = "demo"
version = "1"
source = { virtual = "." }
dependencies = [
    { name = "my-client" },
]

[[package]]
name = "my-client"
version = "${version}"
source = { path = "${wheel(version)}" }
wheels = [
    { filename = "my_client-${version}-py3-none-any.whl", hash = "sha256:${hash(version)}" },
]
`;
  lay(folder, { 'locks/first': lock('1.0'), 'locks/second': lock('2.0') });
  const env = variables(folder, process.env.PATH);
  const told = await isProved(t, folder, ['locks/first', 'locks/second'], env);
  assert.match(told, /^locks\/first: uv pip install$/m);
  assert.match(await isProved(t, folder, ['old 1.txt', 'new.txt'], env), /^new\.txt: uv pip install$/m);
});

test('a Pipfile.lock is what pip reads, and a package that has no version is told', async (t) => {
  const folder = temporaryFolder(t);
  const lock = (pinned: object, url = 'https://pypi.org/simple') =>
    JSON.stringify({ _meta: { sources: [{ url }] }, default: pinned, develop: { other: {} } });
  lay(folder, {
    'old.lock': lock({
      'a-b': {
        version: '==1.0',
        markers: "python_version >= '3'",
        hashes: ['sha256:12'],
        extras: ['x', 'y'],
      },
    }),
    'own.lock': lock({ a: { version: '==2.0', index: 'own' } }, 'https://own.example/simple'),
    'git.lock': lock({ other: { git: 'https://example.com/x.git', ref: 'abc' } }),
  });
  const readAs = async (name: string) => {
    assert.equal(kindOf(name, join(folder, name)), 'pipenv');
    const wanted = wantedOf(name, join(folder, name), 'pipenv');
    return readFileSync(await wanted.requirements(folder, { exported: assert.fail, python: '' }), 'utf8');
  };
  assert.equal(await readAs('old.lock'), "a-b[x,y]==1.0; python_version >= '3' --hash=sha256:12\n");
  assert.equal(await readAs('own.lock'), '--index-url https://own.example/simple\na==2.0\n');
  await assert.rejects(readAs('git.lock'), {
    message: /^git\.lock: other comes from a folder or a repository/,
  });
});

test('a poetry.lock has its main group installed, as it was written by Poetry of each age', {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const tail = '\n[metadata]\nlock-version = "2.0"\npython-versions = ">=3.8"\ncontent-hash = "12"\n';
  const files = (hash: string) => `files = [{file = "x.whl", hash = "sha256:${hash}"}]\n`;
  const of = (name: string, more: string) => `[[package]]\nname = "${name}"\nversion = "1.0"\n${more}\n`;
  lay(folder, {
    new:
      of('a', `optional = false\ngroups = ["main", "dev"]\nmarkers = "os_name == 'nt'"\n${files('1')}`) +
      of(
        'b',
        `optional = false\ngroups = ["main"]\n${files('2')}[package.source]\ntype = "legacy"\nurl = "https://own/simple"\nreference = "own"\n`,
      ) +
      of('test-tool', `optional = false\ngroups = ["dev"]\n${files('3')}`) +
      of('extra', `optional = true\ngroups = ["main"]\n${files('4')}`) +
      tail,
    old:
      of('a', 'optional = false\ncategory = "main"\n') +
      of('test-tool', 'optional = false\ncategory = "dev"\n') +
      `${tail}\n[metadata.files]\na = [{file = "x.whl", hash = "sha256:5"}]\n`,
    git:
      of('a', files('1')) +
      of('g', '[package.source]\ntype = "git"\nurl = "https://x/g.git"\nresolved_reference = "abc"\n') +
      tail,
    folder: of('own', '[package.source]\ntype = "directory"\nurl = "../own"\n') + tail,
  });
  const readAs = async (name: string) => {
    assert.equal(kindOf(name, join(folder, name)), 'poetry');
    const wanted = wantedOf(name, join(folder, name), 'poetry');
    const file = await wanted.requirements(folder, { exported: assert.fail, python: 'python3' });
    return readFileSync(file, 'utf8').trim().split('\n');
  };
  assert.deepEqual(await readAs('new'), [
    '--extra-index-url https://own/simple',
    "a==1.0 ; os_name == 'nt' --hash=sha256:1",
    'b==1.0 --hash=sha256:2',
  ]);
  assert.deepEqual(await readAs('old'), ['a==1.0 --hash=sha256:5']);
  assert.deepEqual(await readAs('git'), ['a==1.0', 'g @ git+https://x/g.git@abc']);
  await assert.rejects(readAs('folder'), {
    message: /^folder: own is a folder or a file of the project: write its requirements with poetry export/,
  });
});

test('what can not be installed is told in one line: a wrong hash, no network, no uv, no such Python', {
  skip,
}, async (t) => {
  const folder = project(t);
  lay(folder, {
    'hash.txt': `--no-index\n--find-links ./wheels\nmy-client==1.0 --hash=sha256:${'0'.repeat(64)}\n`,
    'far.txt': '--index-url http://127.0.0.1:1/simple\nmy-client==1.0\n',
    'uv.lock': 'version = 1\nrequires-python = ">=3.8"\n',
    'include.txt': '-r not-there.txt\n',
  });
  assert.match(
    await refused(folder, ['hash.txt', 'hash.txt']),
    /hash\.txt: pip can't install it: .*[Hh]ash/i,
  );
  assert.match(
    await refused(folder, ['far.txt', 'far.txt']),
    /pip reaches no package index: .*PIP_INDEX_URL/,
  );
  assert.match(
    await refused(folder, ['uv.lock', 'uv.lock']),
    /uv\.lock: only uv reads this file, .*pip install uv/,
  );
  assert.match(
    await refused(folder, ['include.txt', 'new.txt']),
    /it includes .*not-there\.txt, which is not there/,
  );
  const version = await refused(folder, ['--python', '9.9', 'new.txt', 'new.txt']);
  assert.match(version, /there is no Python 9\.9 here \(looked at .*uv python install 9\.9/);
  assert.match(
    await refused(folder, ['--python', 'x', 'new.txt', 'new.txt']),
    /--python x: give a version \(3\.11\)/,
  );
  assert.deepEqual(
    readdirSync(join(folder, 'my cache', 'abreast', 'environments')).filter((name) => name.endsWith('.lock')),
    [],
    'no lock stays',
  );
});

test('files of other tools are told what to give instead', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'package.json': '{"name":"x"}',
    'yarn.lock': '# yarn lockfile v1\n',
    'broken.json': '{"lockfileVersion": 3,',
    venv: 'no folder',
  });
  const told = async (name: string) => refused(folder, [name, name]);
  assert.match(await told('package.json'), /package\.json: give its package-lock\.json$/);
  assert.match(await told('yarn.lock'), /yarn\.lock: install it into a folder/);
  assert.match(await told('broken.json'), /broken\.json: this is no JSON/);
  assert.match(await told('venv'), /venv: this is no environment: give a venv, .*requirements file/);
  const idle = await refused(folder, ['--python', '3.11', folder, folder]);
  assert.match(idle, /--python is for a side that is a requirements file/);
});

test('Ctrl-C ends the making of environments, and leaves none that is half made', { skip }, async (t) => {
  const folder = project(t);
  lay(folder, { 'bin/uv': `#!/bin/sh\necho $$ > '${join(folder, 'pid')}'\nexec sleep 60\n` });
  const env = variables(folder, `${join(folder, 'bin')}${delimiter}${PLAIN}`);
  const words = ['compare', 'new.txt', 'new.txt', '--', 'python', 'program.py'];
  const child = begin(words, { env, cwd: folder });
  const ended = end(child);
  while (!existsSync(join(folder, 'pid')) && child.exitCode === null) await sleep(20);
  child.kill('SIGINT');
  const { code, err } = await ended;
  assert.equal(code, 130, err);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  const made = readdirSync(join(folder, 'my cache', 'abreast', 'environments'));
  assert.deepEqual(made, [], 'neither an environment nor a lock');
});
