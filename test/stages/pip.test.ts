import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pip, pythonEnvironment } from '../../src/stages/environments/pip.ts';
import { makeVirtualenv } from '../../src/stages/environments/virtualenv.ts';
import type { Interpreter } from '../../src/stages/interpreters/interpreter.ts';
import { lay, temporaryFolder } from '../folder.ts';

const signal = new AbortController().signal;

/** As pip 19 and pip 24 say it. */
const UNREACHABLE = [
  "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError('<pip.VerifiedHTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution',)': /simple/x/",
  "WARNING: Retrying (Retry(total=1)) after connection broken by 'ConnectTimeoutError(<pip.HTTPSConnection object at 0x7f>, 'Connection to index.example timed out. (connect timeout=15)')': /simple/x/",
];

for (const warning of UNREACHABLE) {
  const why = /Failed to establish a new connection[^']*|Connection to \S+ timed out/.exec(warning)![0];
  test(`no package index is said with its reason, once: ${why}`, async (t) => {
    const folder = temporaryFolder(t);
    lay(folder, {
      python: `#!/bin/sh\ncat <<'END' >&2\n${warning}\n${warning}\nERROR: No matching distribution found for x\nEND\nexit 1\n`,
    });
    await assert.rejects(
      pip(join(folder, 'python'), ['install', 'x'], { cache: folder, signal }),
      ({ name, message }: Error) => {
        assert.equal(name, 'StagesError');
        assert.ok(message.startsWith(`pip reaches no package index: ${why}. Set PIP_INDEX_URL`), message);
        return true;
      },
    );
  });
}

test('what pip refuses is given, and its steps are told as they come', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    python: `#!/bin/sh\necho 'Collecting x==9'\necho 'ERROR: No matching distribution found for x==9' >&2\nexit 1\n`,
  });
  const steps: string[] = [];
  const wrong = await pip(join(folder, 'python'), ['install', 'x==9'], {
    cache: folder,
    signal,
    onStep: (step) => steps.push(step),
  });
  assert.equal(wrong, 'ERROR: No matching distribution found for x==9');
  assert.deepEqual(steps, ['Collecting x==9']);
});

test("settings of the user's shell do not let other packages in", () => {
  process.env.PYTHONPATH = '/elsewhere';
  process.env.PIP_TARGET = '/elsewhere';
  const made = pythonEnvironment();
  delete process.env.PYTHONPATH;
  delete process.env.PIP_TARGET;
  assert.deepEqual([made.PYTHONPATH, made.PIP_TARGET, made.PYTHONNOUSERSITE], [undefined, undefined, '1']);
});

const OLD = (file: string): Interpreter => ({ language: 'python', file, version: '2.7.18', prefix: '/' });

test('a Python 2.7 without virtualenv gets one put aside for it', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'python2.7': `#!/bin/sh
case "$*" in
  '-m pip '*--target*) mkdir -p "${folder}/cache/tools/virtualenv-2.7/virtualenv";;
  '-m virtualenv '*) [ "$PYTHONPATH" = "${folder}/cache/tools/virtualenv-2.7" ] && mkdir "${folder}/made";;
  *) exit 1;;
esac
`,
  });
  const [python, made, cache] = ['python2.7', 'made', 'cache'].map((name) => join(folder, name));
  await makeVirtualenv(OLD(python!), made!, cache!, signal);
  assert.ok(existsSync(made!));
});

test('where nothing can make an environment of Python 2.7, all that was tried is said', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'python2.7': '#!/bin/sh\necho "python2.7: No module named $2" >&2\nexit 1\n',
    'bin/python3': "#!/bin/sh\necho 'ensurepip is not available' >&2\nexit 1\n",
  });
  const path = process.env.PATH;
  process.env.PATH = `${folder}/bin:${path}`;
  t.after(() => {
    process.env.PATH = path;
  });
  const python = join(folder, 'python2.7');
  await assert.rejects(makeVirtualenv(OLD(python), join(folder, 'made'), join(folder, 'cache'), signal), {
    name: 'StagesError',
    message: new RegExp(
      `^no virtual environment can be made for ${python}: ${python} -m virtualenv: .*No module named virtualenv; ` +
        `${python} -m pip install virtualenv==[\\d.]+: .*No module named pip; ` +
        'python3 -m venv: ensurepip is not available\\. .*\\(--docker\\)$',
    ),
  });
});

test('a Python 3 without venv is said with the package that has it', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { python3: "#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n" });
  const python = { ...OLD(join(folder, 'python3')), version: '3.11.2' };
  await assert.rejects(makeVirtualenv(python, join(folder, 'made'), folder, signal), {
    message:
      /python3 -m venv fails: No module named venv\. On Debian and Ubuntu: apt install python3\.11-venv/,
  });
});
