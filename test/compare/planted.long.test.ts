import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../src/testserver/index.ts';
import { abreast, begin, end } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { type Garden, layGarden } from './planted.ts';

const NEEDS = 'from importlib.metadata import entry_points';
const skip = spawnSync('python3', ['-c', NEEDS]).status === 0 ? false : 'no python3 of 3.8 or newer is here';

interface Answer {
  readonly outcome: string;
  readonly slow: string | null;
  readonly text: string;
  readonly set: readonly {
    readonly name: string;
    readonly slow: string | null;
    readonly fast: string | null;
  }[];
  readonly needed: readonly string[];
  readonly runs: readonly { readonly what: string; readonly trace: string }[];
  readonly folder: string;
}

async function compared(
  t: TestContext,
  garden: Garden,
  how: { command?: (program: string, port: string) => string[]; options?: string[]; alone?: boolean } = {},
) {
  const folder = temporaryFolder(t);
  const laid = layGarden(folder, garden);
  const server = await startServer();
  t.after(() => server.close());
  const plainly = (...words: string[]) => ['python', ...words];
  const command = (how.command ?? plainly)(laid.program, String(server.httpPort));
  const options = ['--no-syscalls', '--json', ...(how.options ?? [])];
  const sides = how.alone ? [laid.slow] : [laid.slow, laid.fast];
  const ended = await abreast(['compare', ...options, ...sides, '--', ...command], {
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
  });
  assert.notEqual(ended.out, '', ended.err);
  return { ...ended, answer: JSON.parse(ended.out) as Answer, laid };
}

test('what is installed and makes it slow is proved both ways, with its version', { skip }, async (t) => {
  const { code, err, answer } = await compared(t, {
    threshold: 1,
    customized: true,
    plants: [
      { name: 'plant-1.x', way: 'optional', culprit: true, requires: ['Plant_2'] },
      { name: 'plant-2', way: 'optional', culprit: false },
      { name: 'plant-3', way: 'idle', culprit: false },
    ],
  });
  assert.equal(code, 0, err);
  assert.equal(answer.outcome, 'proved');
  assert.equal(answer.slow, 'A');
  assert.deepEqual(
    answer.set.map(({ name, slow, fast }) => [name, slow, fast]),
    [['plant-1.x', '2.0', null]],
  );
  assert.ok(answer.runs.every(({ trace }) => existsSync(trace)));
  assert.deepEqual(
    readdirSync(answer.folder).filter((name) => !/^run-\d+-[AB]\.jsonl$|^runs\.json$/.test(name)),
    [],
    'nothing but traces is left',
  );
  assert.match(err, /^run 3 \(at most 37 more, 5 min \S* ?s? each\): A without/m);
});

test('two that are slow only together are both named, and what the program needs is neither', {
  skip,
}, async (t) => {
  const { code, err, answer } = await compared(t, {
    threshold: 2,
    plants: [
      { name: 'one', way: 'optional', culprit: true },
      { name: 'two', way: 'optional', culprit: true },
      { name: 'leans', way: 'optional', culprit: false, imports: 'silent' },
      { name: 'silent', way: 'needed', culprit: false },
    ],
  });
  assert.equal(code, 0, err);
  assert.deepEqual(answer.set.map(({ name }) => name).sort(), ['one', 'two']);
});

test('a version that matters is named with both versions', { skip }, async (t) => {
  const { code, err, answer } = await compared(t, {
    threshold: 1,
    plants: [
      { name: 'common', way: 'version', culprit: true },
      { name: 'other', way: 'version', culprit: false },
      { name: 'more', way: 'optional', culprit: false },
    ],
  });
  assert.equal(code, 0, err);
  assert.deepEqual(
    answer.set.map(({ name, slow, fast }) => [name, slow, fast]),
    [['common', '2.0', '1.0']],
  );
});

test('environments that do not differ are no difference, and exit with 1', { skip }, async (t) => {
  const { code, answer, err } = await compared(t, {
    threshold: 1,
    plants: [{ name: 'calm', way: 'optional', culprit: false }],
  });
  assert.equal(code, 1);
  assert.equal(answer.outcome, 'no difference');
  assert.doesNotMatch(err, /nothing that is installed/);
  const same = await compared(t, { threshold: 1, plants: [] });
  assert.equal(same.code, 1);
  assert.match(same.err, /^nothing that is installed or set differs between them$/m);
});

test('a hook that was kept out is no proof: could not tell', { skip }, async (t) => {
  const garden: Garden = { threshold: 1, plants: [{ name: 'one', way: 'optional', culprit: true }] };
  const { code, answer } = await compared(t, garden, {
    command: (program, port) => [
      'sh',
      '-c',
      `test -z "$ABREAST_HIDE" || unset PYTHONPATH; python '${program}' ${port}`,
    ],
  });
  assert.equal(code, 125);
  assert.match(answer.text, /^the hook of run 3 \(A without one 2\.0\) left no mark/);
});

test('python -I, -E and -S keep the hooks out: could not tell, and these options are named', {
  skip,
}, async (t) => {
  for (const option of ['-I', '-E', '-S']) {
    const garden: Garden = { threshold: 1, plants: [{ name: 'one', way: 'optional', culprit: true }] };
    const { code, answer, err } = await compared(t, garden, {
      command: (program, port) => ['python', option, program, port],
    });
    assert.equal(code, 125, err);
    assert.match(answer.text, /^no run had an answer that abreast saw: .*python -I, -E and -S/);
    assert.equal(answer.runs.length, 2);
  }
});

test('a command that fails on both sides is told with its last words, and is neither fast nor slow', {
  skip,
}, async (t) => {
  const garden: Garden = { threshold: 1, plants: [{ name: 'one', way: 'optional', culprit: true }] };
  const { code, answer } = await compared(t, garden, {
    command: () => ['sh', '-c', 'echo last words; exit 7'],
  });
  assert.equal(code, 125);
  assert.match(answer.text, /^run 1 \(A\) ends with 7: last words$/);
});

test('variables that differ are a difference like any other', { skip }, async (t) => {
  const { code, err, answer } = await compared(
    t,
    { threshold: 1, variable: 'PLANTED', plants: [{ name: 'calm', way: 'optional', culprit: false }] },
    { options: ['--env-a', 'PLANTED=1', '--env-b', 'OTHER=2'] },
  );
  assert.equal(code, 0, err);
  assert.deepEqual(
    answer.set.map(({ name, slow, fast }) => [name, slow, fast]),
    [['PLANTED', '1', null]],
  );
});

test('what a line of a .pth file starts is hidden as well', { skip }, async (t) => {
  const { code, err, answer } = await compared(t, {
    threshold: 1,
    plants: [
      { name: 'early', way: 'pth', culprit: true },
      { name: 'late', way: 'pth', culprit: false },
    ],
  });
  assert.equal(code, 0, err);
  assert.deepEqual(
    answer.set.map(({ name }) => name),
    ['early'],
  );
});

const CULPRIT: Garden = {
  threshold: 1,
  plants: [
    { name: 'plant-1', way: 'optional', culprit: true },
    { name: 'idle-2', way: 'idle', culprit: false },
  ],
};

test('one environment is enough: what is hidden by name is proved, or makes no difference', {
  skip,
}, async (t) => {
  const hiding = (name: string) => compared(t, CULPRIT, { options: ['--hide', name], alone: true });
  const proved = await hiding('plant_1');
  assert.equal(proved.code, 0, proved.err);
  assert.deepEqual(
    proved.answer.set.map(({ name, slow }) => [name, slow]),
    [['plant-1', '2.0']],
  );
  assert.equal(proved.answer.runs.length, 4);
  const none = await hiding('idle-2');
  assert.equal(none.code, 1, none.err);
  assert.equal(none.answer.text, 'no difference without idle-2 2.0');
});

test('an interrupt says what is known, leaves nothing running, and --resume makes no run twice', {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const laid = layGarden(folder, CULPRIT);
  const server = await startServer();
  t.after(() => server.close());
  const how = { env: { XDG_CACHE_HOME: join(folder, 'cache') } };
  const command = `test ! -e '${folder}/wait' -o -z "$ABREAST_HIDE" || { echo $$ > '${folder}/pid'; exec sleep 60; }; exec python '${laid.program}' ${server.httpPort}`;
  const words = ['--no-syscalls', '--json', laid.slow, laid.fast, '--', 'sh', '-c', command];
  lay(folder, { wait: '' });
  const child = begin(['compare', ...words], how);
  const ended = end(child);
  while (!existsSync(join(folder, 'pid')) && child.exitCode === null) await sleep(20);
  child.kill('SIGINT');
  const { code, out, err } = await ended;
  assert.equal(code, 130, err);
  const first = JSON.parse(out) as Answer;
  assert.equal(first.slow, 'A');
  assert.match(first.text, /^interrupted; go on with --resume /);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.deepEqual(
    readdirSync(first.folder).filter((name) => name.startsWith('scratch')),
    [],
  );

  rmSync(join(folder, 'wait'));
  const resumed = await abreast(['compare', '--resume', first.folder, ...words], how);
  assert.equal(resumed.code, 0, resumed.err);
  assert.match(resumed.err, /^run 1 was made before: A$/m);
  assert.match(resumed.err, /^run 2 was made before: B$/m);
  const made = (JSON.parse(resumed.out) as Answer).runs.map(({ what }) => what);
  assert.deepEqual([made.indexOf('A'), made.lastIndexOf('A')], [0, 0]);
  assert.deepEqual([made.indexOf('B'), made.lastIndexOf('B')], [1, 1]);
});

test('an environment that is none, a command that is none and a variable without a value are bad usage', async () => {
  const cases: [string[], RegExp][] = [
    [['/nowhere', '/nowhere', '--', 'true'], /error: \/nowhere: there is no such file or folder/],
    [['/', '/', '--', 'true'], /this folder is no environment/],
    [['/'], /give two environments and a command/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await abreast(['compare', ...words]);
    assert.equal(code, 2);
    assert.match(err, message);
  }
});
