import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tinyStory } from '../stages/tiny.ts';
import { abreast, begin, end, folder, shell } from './abreast.ts';

/** Where nothing is that a person has: no Python, no go-httpbin, no home. */
function bare(): Record<string, string> {
  return { PATH: '/none', PYENV_ROOT: '/none', HOME: folder(), XDG_CACHE_HOME: join(folder(), 'cache') };
}

interface Told {
  readonly asExpected: boolean;
  readonly notes: readonly string[];
  readonly cells: readonly {
    readonly stage: string;
    readonly came: string;
    readonly asExpected: boolean;
    readonly concurrent: {
      readonly ok: number;
      readonly inFlight: { readonly mean: number; readonly max: number };
    };
    readonly verdict: {
      readonly overlap: string;
      readonly causes: readonly { readonly id: string }[];
    } | null;
    readonly scenes: readonly { readonly id: string; readonly text: string }[];
  }[];
}

test('a story in a folder is told: fast, slow and why, as expected, with a server of our own', async (t) => {
  const { code, out, err } = await abreast(['stages', '--story', tinyStory(t), '--json'], { env: bare() });
  assert.equal(code, 0, err);
  const told: Told = JSON.parse(out);
  assert.equal(told.asExpected, true);
  assert.match(told.notes.join(), /^the server is abreast's own: go-httpbin is not installed/);
  const [quick, slow] = told.cells;
  assert.deepEqual([quick!.came, quick!.concurrent.ok, quick!.concurrent.inFlight.max], ['fast', 4, 4]);
  assert.equal(quick!.verdict, null);
  assert.deepEqual([slow!.came, slow!.concurrent.ok, slow!.concurrent.inFlight.max], ['slow', 4, 1]);
  assert.equal(slow!.verdict!.overlap, 'serial');
});

test('--html watches every cell, and shows the slow one beside the fast one', async (t) => {
  const page = join(folder(), 'page.html');
  const { code, err } = await abreast(['stages', '--story', tinyStory(t), '--html', page], { env: bare() });
  assert.equal(code, 0, err);
  assert.ok(err.includes(`page   ${page}`), err);
  const [, about] = /id="verdict">(.*)<\/script>/.exec(readFileSync(page, 'utf8'))!;
  const { runs } = JSON.parse(about!) as { runs: { name: string; verdict: { overlap: string } }[] };
  assert.deepEqual(
    runs.map(({ verdict }) => verdict.overlap),
    ['serial', 'concurrent'],
    runs.map(({ name }) => name).join(),
  );
});

test('it is told to people in 80 columns: what each stage is, its rows, the diagnosis of what is slow', async (t) => {
  const { code, out } = await abreast(
    ['stages', 'all', '--story', tinyStory(t), '--scene', 'hello', '--', '-x'],
    {
      env: bare(),
    },
  );
  assert.equal(code, 0);
  assert.match(out, /^Stage 1: quick\nAll at once\.\n\nst node proto/m);
  assert.match(out, /^ 1 \d+ +http +4 +\d\.\d\d s +\d\.\d\d s +\d\.\d net\.Socket +fast +fast\n/m);
  assert.match(out, /^ 2 \d+ +http +4 .* 1\.0 net\.Socket +slow +slow\nserial: /m);
  assert.match(out, /^hello -x$/m);
  assert.match(out, /2 of 2 as expected in /);
  assert.deepEqual(
    out.split('\n').filter((line) => line.length > 80),
    [],
  );
});

test('what does not come out as expected is said, and fails the command', async (t) => {
  const story = tinyStory(t, (text) => text.replace('expected: slow', 'expected: fast'));
  const { code, out } = await abreast(['stages', '--story', story], { env: bare() });
  assert.equal(code, 1);
  assert.match(out, /^Not as expected: it should be fast, and is slow\.$/m);
  assert.match(out, /1 of 2 not as expected in .*\n2 on \d+, http, n 4: slow, expected fast$/m);
});

test('a program that breaks fails its cell with what it said', async (t) => {
  const story = tinyStory(t, (text) => text.replace("[program.mjs, '{n}', '{url}']", '[hello.mjs, nothing]'));
  const { code, out } = await abreast(['stages', '1', '--story', story], { env: bare() });
  assert.equal(code, 1);
  assert.match(out, /hello\.mjs nothing ends with 0 and no\s+record: it says nothing/);
});

test('scenes alone need no runs, and print what they print', async (t) => {
  const args = ['stages', '--story', tinyStory(t), '--scene', 'hello', '--', '--depth', '3'];
  const { code, out } = await abreast(args, { env: bare() });
  assert.equal(code, 0);
  assert.match(out, /^Stage 1 on \d+\n\nhello: a greeting\nIt greets\.\n\nhello --depth 3$/m);
  assert.doesNotMatch(out, /^st node/m);
});

test('another server is asked with --url, where nobody counts what is in flight', async (t) => {
  const { startServer } = await import('../../src/testserver/index.ts');
  const server = await startServer();
  t.after(() => server.close());
  const args = ['stages', '1', '--story', tinyStory(t), '--url', server.httpUrl!, '--json'];
  const { code, out } = await abreast(args, { env: bare() });
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).cells[0].concurrent.inFlight, null);
  assert.equal(server.stats().requests, 8);
});

test('Ctrl-C leaves nothing running, and says so', async (t) => {
  const story = tinyStory(t, (text) => text.replace('/delay/0.3', '/delay/8'));
  const child = begin(['stages', '--story', story], { env: bare() });
  const programs = await startedBy(story);
  child.kill('SIGINT');
  const { code, err } = await end(child);
  assert.equal(code, 130);
  assert.match(err, /Stopped: nothing was left running\./);
  for (const pid of programs) assert.equal(commandOf(pid), '');
});

test('a reader that has seen enough ends it, quietly', async (t) => {
  const { err } = await shell(`$abreast stages --story ${tinyStory(t)} | head -n 2`, {
    env: { ...bare(), PATH: process.env.PATH! },
  });
  assert.doesNotMatch(err, /EPIPE| at /);
});

/** The processes that run the story's programs, once there are two. */
async function startedBy(story: string): Promise<number[]> {
  for (;;) {
    const { readdirSync } = await import('node:fs');
    const pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    const programs = pids.filter((pid) => commandOf(pid).includes(`${story}/program.mjs`));
    if (programs.length >= 2) return programs;
    await sleep(50);
  }
}

/** Of a process; empty when it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

test('--list shows every story with its stages and scenes', async () => {
  const { code, out } = await abreast(['stages', '--list'], { env: bare() });
  assert.equal(code, 0);
  assert.match(out, /^grequests: .+\n[\s\S]*^stage 0 [\s\S]*^stage 5 [\s\S]*^--scene monkey-patching: /m);
  assert.match(out, /^node: /m);
});

const REFUSED: readonly [args: readonly string[], said: RegExp][] = [
  [[], /there is no Python 2\.7 here \(looked at PATH, pyenv and uv: .*--docker.*--story node/],
  [['0'], /there is no Python on PATH: name one with --python PATH/],
  [['7'], /the story grequests has no stage 7: it has 0, 1, 2, 3, 4, 5, and all/],
  [['one'], /'one' is no stage: say a number, a range \(1-3\) or all/],
  [['3-1'], /3-1 is no range of stages/],
  [['--story', 'grequest'], /there is no story grequest; did you mean 'grequests'\?/],
  [['--story', './here'], /\.\/here is no story: there is no here\/story\.yaml/],
  [['--story', 'node', '--scene', 'profile'], /the story node has no scene profile/],
  [['--story', 'node', '--python', '3.7'], /the story node is not about Python: leave --python out/],
  [['--python', '3.8'], /has no pins for Python 3\.8/],
  [['--python', 'py'], /--python py: that is no version \(3\.7\), no path/],
  [['--python', '/etc/hostname'], /--python \/etc\/hostname: this is no Python/],
  [['--docker', '--python', '/usr/bin/python3'], /containers bring their own Pythons/],
  [['--docker', '0'], /which are not in containers: leave --docker out/],
  [['--docker', '--local'], /cannot be used with option/],
  [['-n', '1'], /from 2 \(one has nothing to wait for\) to 100/],
  [['--proto', 'ftp'], /It is http, https, or http,https\./],
  [['--url', 'localhost:80'], /It is the URL of a server/],
  [['--url', 'http://127.0.0.1:1', '--proto', 'https'], /speaks http: --proto can't be anything else/],
  [['patch', 'undo'], /Allowed choices are apply, revert, status/],
  [['patch', 'status', '--story', 'node'], /the story node has no patch|there is no Python/],
];

for (const [args, said] of REFUSED) {
  test(`stages ${args.join(' ') || 'without Python 2.7'} is refused in one line that says what to do`, async () => {
    const { code, out, err } = await abreast(['stages', ...args], { env: bare() });
    assert.equal(code, 2, err);
    assert.equal(out, '');
    assert.match(err, said);
    assert.equal(err.trimEnd().split('\n').length, 1, err);
  });
}
