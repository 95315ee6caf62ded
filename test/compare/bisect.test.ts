import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bisect } from '../../src/compare/bisect/bisect.ts';
import { fromWorktree } from '../../src/compare/bisect/editable.ts';
import { Repository } from '../../src/compare/bisect/repository.ts';
import { plainEnvironment } from '../../src/compare/environment/environment.ts';
import { pythonEnvironment } from '../../src/compare/environment/python.ts';
import { CompareError } from '../../src/compare/error.ts';
import { GivenUp } from '../../src/compare/known.ts';
import type { Run, Setup } from '../../src/compare/run.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { BASE } from './planted.ts';
import { git, layRepository, stateOf, type Version } from './repositories.ts';

/** What a run of a commit is, as its file `is` says. */
interface Came {
  readonly overlap?: string;
  readonly seconds?: number;
  readonly exitCode?: number;
}

/** A history by what its runs are: 'fast', 'slow', 'broken', 'absent' (the program is not there), or a number of seconds. */
function history(...all: readonly string[]): Version[] {
  return all.map((is, at) => [`v${at} ${is}`, { 'sub/is': is, 'sub/number': String(at) }]);
}

function cameOf(is: string): Came {
  if (is === 'fast') return { overlap: 'concurrent', seconds: 1 };
  if (is === 'slow') return { overlap: 'serial', seconds: 5 };
  if (is === 'broken') return { exitCode: 3 };
  return { overlap: 'concurrent', seconds: Number(is) };
}

interface How {
  readonly versions: readonly Version[];
  readonly range?: string;
  /** Where a branch `side` begins, with a commit of its own that changes nothing. */
  readonly branch?: string;
  /** Changes what comes, or throws. */
  readonly meanwhile?: (number: number, is: string) => Came | undefined;
}

async function bisected(t: TestContext, { versions, range = 'v0..HEAD', branch, meanwhile }: How) {
  const folder = join(temporaryFolder(t), 'my repository');
  layRepository(folder, versions);
  if (branch !== undefined) {
    git(folder, 'checkout', '--quiet', '-b', 'side', branch);
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'beside');
    git(folder, 'checkout', '--quiet', 'main');
  }
  writeFileSync(join(folder, 'sub', 'untracked'), '');
  writeFileSync(join(folder, 'sub', 'is'), 'changed by the user');
  const before = stateOf(folder);
  const setups: Setup[] = [];
  const said: string[] = [];
  const runs = async (setup: Setup): Promise<Run> => {
    setups.push(setup);
    const is = readFileSync(join(setup.cwd!, 'is'), 'utf8');
    if (is === 'absent') throw new CompareError('there is no program');
    const came = meanwhile?.(setups.length, is) ?? cameOf(is);
    writeFileSync(join(setup.cwd!, 'number'), 'changed by the program');
    writeFileSync(join(setup.cwd!, 'written'), '');
    const { overlap = 'unknown', seconds = 1, exitCode = 0 } = came;
    return {
      number: setups.length,
      what: setup.side,
      exitCode,
      timedOut: false,
      seconds,
      marks: null,
      output: ['last words'],
      trace: '',
      verdict: {
        overlap,
        step: overlap === 'serial' ? 'sent' : 'none',
        answered: 5,
        wallMs: seconds * 1000,
      } as Run['verdict'],
    };
  };
  const repository = await Repository.of(join(folder, 'sub'));
  const ends = await repository.range(range);
  const found = await (async () => {
    await using worktree = await repository.worktree();
    return await bisect({
      repository,
      worktree,
      ...ends,
      environment: async () => plainEnvironment(),
      variables: {},
      runs,
      say: (what) => said.push(what),
      signal: new AbortController().signal,
    });
  })();
  assert.equal(stateOf(folder), before, 'the repository is as it was');
  return { found, setups, said, subject: found.commit?.subject };
}

test('the first slow commit is found by few runs, runs again as the one before it does, and the repository stays as it was', async (t) => {
  const versions = history(...Array(20).fill('fast'), ...Array(12).fill('slow'));
  const { found, setups, said, subject } = await bisected(t, { versions });
  assert.equal(found.outcome, 'proved');
  assert.equal(subject, 'v20 slow');
  assert.equal(found.before?.subject, 'v19 fast');
  assert.equal(found.slow, 'BAD');
  assert.ok(setups.length <= 2 + 5 + 2, `${setups.length} runs`);
  assert.equal(found.proofs.commit.length, 2);
  assert.equal(found.proofs.before.length, 2);
  assert.match(said[0]!, /^Bisecting: \d+ revisions left/);
  assert.ok(said.includes(`${found.commit!.short} v20 slow`));
});

test('a commit that is broken, or lacks the program, is skipped and said', async (t) => {
  const versions = history('fast', 'fast', 'broken', 'absent', 'fast', 'slow', 'slow');
  const { found, subject } = await bisected(t, { versions });
  assert.equal(found.outcome, 'proved');
  assert.equal(subject, 'v5 slow');
  assert.deepEqual(
    found.skipped.map(({ subject: each, why }) => [each, why.replace(/\(.*?\) /, '')]),
    [
      ['v3 absent', 'there is no program'],
      ['v2 broken', 'run 4 ends with 3: last words'],
    ],
  );
  const hidden = await bisected(t, { versions: history('fast', 'fast', 'broken', 'broken', 'slow', 'slow') });
  assert.equal(hidden.found.outcome, 'unknown');
  assert.deepEqual(hidden.found.candidates.map((each) => each.subject).sort(), [
    'v2 broken',
    'v3 broken',
    'v4 slow',
  ]);
  assert.match(hidden.found.skipped[0]!.why, /ends with 3: last words$/);
});

test('where GOOD is the slow one, the first fast commit is found', async (t) => {
  const { found, subject } = await bisected(t, { versions: history('slow', 'slow', 'fast', 'fast') });
  assert.equal(found.outcome, 'proved');
  assert.equal(found.slow, 'GOOD');
  assert.equal(subject, 'v2 fast');
});

test('where times alone differ, each commit runs until an exact test decides, and one between both is skipped', async (t) => {
  let jitter = 0;
  const { found, subject, setups } = await bisected(t, {
    versions: history('1', '1', '3', '3', '3'),
    meanwhile: (_, is) => ({ ...cameOf(is), seconds: Number(is) + (jitter++ % 5) / 100 }),
  });
  assert.equal(found.outcome, 'proved');
  assert.equal(found.by, 'time');
  assert.equal(subject, 'v2 3');
  assert.equal(found.proofs.commit.length, 5);
  assert.equal(setups.length, 4 * 5);
});

test('a commit that is slow only sometimes proves nothing', async (t) => {
  const runs = new Map<string, number>();
  const { found } = await bisected(t, {
    versions: history('fast', 'fast', 'flaky', 'slow'),
    meanwhile: (_, is) => {
      runs.set(is, (runs.get(is) ?? 0) + 1);
      return is === 'flaky' ? cameOf(runs.get(is)! % 2 === 1 ? 'slow' : 'fast') : undefined;
    },
  });
  assert.equal(found.outcome, 'unknown');
  assert.match(found.text, /when it runs again, not slow$/);
  assert.equal(found.commit?.subject, 'v2 flaky');
});

test('ends that do not differ, or fail, tell nothing of what lies between', async (t) => {
  const same = await bisected(t, { versions: history('fast', 'slow', 'fast') });
  assert.equal(same.found.outcome, 'no difference');
  assert.equal(same.setups.length, 2);
  const broken = await bisected(t, { versions: history('broken', 'slow', 'fast') });
  assert.equal(broken.found.outcome, 'unknown');
  assert.match(broken.found.text, /ends with 3: last words \(the command runs in a checkout of the commit/);
});

test('where a commit has submodules, a run that fails says that they are not there', async (t) => {
  const versions = history('broken', 'broken').map(
    ([subject, files]): Version => [subject, { ...files, '.gitmodules': '[submodule "lib"]\n' }],
  );
  const { found } = await bisected(t, { versions });
  assert.match(
    found.text,
    /which has only what git has; its submodules are empty: have the command begin with/,
  );
});

test('a bisection that may make no more runs says so, and leaves nothing behind', async (t) => {
  const { found } = await bisected(t, {
    versions: history('fast', 'fast', 'fast', 'slow', 'slow'),
    meanwhile: (number) => {
      if (number > 3) throw new GivenUp('3 runs were not enough');
      return undefined;
    },
  });
  assert.equal(found.outcome, 'unknown');
  assert.equal(found.text, '3 runs were not enough');
});

test('a GOOD that is beside BAD and not before it is compared from where they part', async (t) => {
  const { found, subject } = await bisected(t, {
    versions: history('fast', 'fast', 'slow', 'slow'),
    range: 'side..HEAD',
    branch: 'v0',
  });
  assert.equal(found.outcome, 'proved');
  assert.equal(subject, 'v2 slow');
});

test('a range that names no commits is told', async (t) => {
  const folder = join(temporaryFolder(t), 'repository');
  layRepository(folder, history('fast', 'slow'));
  const repository = await Repository.of(folder);
  for (const [range, message] of [
    ['v0', /--bisect v0: give two commits as GOOD\.\.BAD/],
    ['v0...v1', /give two commits as GOOD\.\.BAD/],
    ['v9..v1', /there is no commit v9 in /],
    ['--all..v1', /there is no commit --all in /],
    ['v1..v0', /no commit comes after v1 and up to v0/],
  ] as const)
    await assert.rejects(repository.range(range), { name: 'CompareError', message });
  const { good, bad } = await repository.range('v0..');
  assert.deepEqual([good.subject, bad.subject], ['v0 fast', 'v1 slow']);
  const outside = temporaryFolder(t);
  await assert.rejects(Repository.of(outside), { message: /is in no working copy of git/ });
});

const python = spawnSync('python3', ['-c', BASE], {
  encoding: 'utf8',
  env: { ...process.env, PYTHONPATH: '' },
});
const skip = python.status === 0 ? false : 'no python3 is here';

test('packages that were installed from the working copy come from the worktree, and nothing else does', {
  skip,
}, async (t) => {
  const folder = join(temporaryFolder(t), 'my repository');
  layRepository(folder, history('fast', 'slow'));
  const [base, minor] = JSON.parse(python.stdout) as [string, string];
  const packages = join('.venv', 'lib', `python${minor}`, 'site-packages');
  lay(folder, {
    '.venv/pyvenv.cfg': `home = ${dirname(base)}\n`,
    '.venv/bin/.keep': '',
    'src/one/__init__.py': '',
    'lib/two/__init__.py': '',
    [join(packages, '__editable__.one-1.pth')]: `${join(folder, 'src')}\n`,
    [join(packages, '__editable__.two-1.pth')]: 'import __editable___two_1_finder\n',
    [join(packages, '__editable___two_1_finder.py')]:
      `MAPPING = {'two': '${join(folder, 'lib', 'two')}', 'far': '/elsewhere/far'}\n`,
  });
  symlinkSync(base, join(folder, '.venv', 'bin', 'python'));
  const environment = await pythonEnvironment('.venv', join(folder, '.venv', 'bin', 'python'));
  const repository = await Repository.of(folder);
  await using worktree = await repository.worktree();
  const { PYTHONPATH, ...others } = await fromWorktree(worktree, environment, ['python', 'x.py']);
  const given = (process.env.PYTHONPATH ?? '').split(delimiter).filter(Boolean);
  assert.deepEqual(PYTHONPATH?.split(delimiter), [
    join(worktree.folder, 'src'),
    join(worktree.folder, 'lib'),
    ...given,
  ]);
  assert.deepEqual(others, {});
  const elsewhere = join(temporaryFolder(t), 'other');
  layRepository(elsewhere, history('fast', 'slow'));
  await using other = await (await Repository.of(elsewhere)).worktree();
  assert.deepEqual(await fromWorktree(other, environment, ['sh', '-c', 'x']), {});
});

test('a worktree that a killed process left is removed by the next one', async (t) => {
  const folder = join(temporaryFolder(t), 'repository');
  layRepository(folder, history('fast', 'slow'));
  const before = stateOf(folder);
  const scratch = join(tmpdir(), `abreast-bisect-test-${process.pid}`);
  mkdirSync(scratch);
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const left = join(scratch, 'abreast-worktree-4194305'); // more than Linux gives to a process
  git(folder, 'worktree', 'add', '--quiet', '--detach', left);
  const kept = join(temporaryFolder(t), `abreast-worktree-${process.pid}`);
  git(folder, 'worktree', 'add', '--quiet', '--detach', kept);
  const repository = await Repository.of(folder);
  {
    await using worktree = await repository.worktree();
    assert.ok(existsSync(worktree.folder));
    assert.ok(!existsSync(scratch), 'with the folder that was made for it');
    assert.ok(existsSync(kept), 'the worktree of a process that runs stays');
  }
  git(folder, 'worktree', 'remove', '--force', kept);
  assert.equal(stateOf(folder), before);
  assert.deepEqual(readdirSync(join(folder, '.git')).includes('worktrees'), false);
});
