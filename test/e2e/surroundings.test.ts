/** Commands where the shell, the system, or what reads their output is not as usual. */
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { folder, linesOf, parsed, shell } from './abreast.ts';

const TRACE = new URL('../traces/get-20-at-once.jsonl', import.meta.url).pathname;

let server: TestServer;
let get: string;

before(async () => {
  server = await startServer();
  get = `$abreast get ${server.httpUrl}/get -n 20 -c 10 --progress none`;
});
after(() => server.close());

/** A folder with a trace and a report. */
function workplace(): string {
  const cwd = folder();
  copyFileSync(TRACE, join(cwd, 'trace.jsonl'));
  writeFileSync(
    join(cwd, 'report.yaml'),
    `name: r
rows: { inline: [{ n: 1 }, { n: 2 }] }
requests:
  - { name: answers, url: "${server.httpUrl}/get?n={{n}}" }
dump:
  - { table: answers, to: answers.jsonl }
`,
  );
  return cwd;
}

test('in odd surroundings every URL has its line all the same', async (t) => {
  const lines: Readonly<Record<string, string>> = {
    'closed standard input': '$get -o out.jsonl <&-',
    'closed standard output': '$get -o out.jsonl --json >&-',
    'closed standard error': '$get -o out.jsonl 2>&-',
    'nothing open': '$get -o out.jsonl <&- >&- 2>&-',
    'no HOME, no TMPDIR': 'env -u HOME -u TMPDIR $get -o out.jsonl',
    'LANG=C': 'LANG=C LC_ALL=C $get -o out.jsonl',
    'a time zone that is none': 'TZ=:Nowhere/Odd $get -o out.jsonl',
    'little address space': 'ulimit -v 3000000; $get -o out.jsonl',
    'few open files': 'ulimit -n 32; $get -o out.jsonl',
    'a working directory that was deleted':
      'out=$PWD; mkdir gone; cd gone; rmdir ../gone; $get -o $out/out.jsonl',
    'a FIFO as input': `mkfifo in; (for i in {1..20}; do echo ${server.httpUrl}/get; done >in) & $abreast get -f in -o out.jsonl`,
    'a FIFO as output': 'mkfifo pipe; cat pipe >out.jsonl & $get -o pipe; code=$?; wait; exit $code',
    'a slow reader': '$get -o - | while read -r line; do sleep 0.05; echo "$line"; done >out.jsonl',
    'a reader that stops for a while': '$get -o - | { sleep 2; cat; } >out.jsonl',
  };
  for (const [surroundings, line] of Object.entries(lines))
    await t.test(surroundings, async () => {
      const cwd = workplace();
      const { code, err } = await shell(line.replace('$get', get), { cwd });
      assert.equal(code, 0, err);
      assert.doesNotMatch(err, /\n {4}at /);
      const indexes = linesOf(join(cwd, 'out.jsonl')).map(({ index }) => index);
      assert.deepEqual(
        indexes.sort((one, other) => one - other),
        Array.from({ length: 20 }, (_, index) => index),
      );
    });
});

test('what can not be done in odd surroundings is one line, and exit code 2', async (t) => {
  // Root may write anywhere, except where it gives up that right. It stays root: only its owner may read a checkout in a
  // folder of mktemp.
  const asOthers = process.getuid?.() === 0 ? 'setpriv --bounding-set=-dac_override,-dac_read_search ' : '';
  const noTemporary = `TMPDIR=/dev/null/tmp ${asOthers}`; // no folder can be made in a device
  const readOnly = `mkdir ro; chmod 555 ro; ${asOthers}`;
  const gone = 'mkdir gone; cd gone; rmdir ../gone; ';
  const lines: Readonly<Record<string, readonly [line: string, error: RegExp]>> = {
    'get without standard input': ['$abreast get - <&-', /standard input: there is no URL in it/],
    'get into a deleted folder': [`${gone}$get -o out.jsonl`, /no such file or folder/],
    'get into a read-only folder': [`${readOnly}$get -o ro/out.jsonl`, /ro\/out\.jsonl: .*permission denied/],
    'a trace in a read-only folder': [
      `${readOnly}$get -q --trace ro/t.jsonl >/dev/null`,
      /permission denied/,
    ],
    'a report in a deleted folder': [`${gone}$abreast report report.yaml`, /there is no such file/],
    'report init in a deleted folder': [`${gone}$abreast report init`, /can't be written/],
    'judge of a FIFO': [
      'mkfifo pipe; cat trace.jsonl >pipe & $abreast judge pipe; code=$?; kill $!; exit $code',
      /this is a pipe/,
    ],
    'judge of a substituted process': ['$abreast judge <(cat trace.jsonl)', /this is a pipe/],
    'judge without TMPDIR': [
      `${noTemporary}$abreast judge trace.jsonl trace.jsonl`,
      /Set TMPDIR to a folder/,
    ],
    'watch without TMPDIR': [
      `mkdir kept; ${noTemporary}$abreast watch --trace kept/t.jsonl -- true`,
      /Set TMPDIR to a folder/,
    ],
    'watch without HOME and TMPDIR': [
      `export HOME=/dev/null XDG_CACHE_HOME=; ${noTemporary}$abreast watch -- true`,
      /Name a file with --trace/,
    ],
    'a report without TMPDIR': [
      `${noTemporary}$abreast report --check report.yaml`,
      /Set TMPDIR to a folder/,
    ],
  };
  for (const [what, [line, error]] of Object.entries(lines))
    await t.test(what, async () => {
      const { code, err } = await shell(line.replace('$get', get), { cwd: workplace() });
      assert.match(err, /^[^\n]+\n$/);
      assert.match(err, error);
      assert.equal(code, 2);
    });
});

test('commands without one of their streams end as they do with it', async () => {
  const cwd = workplace();
  for (const command of ['judge trace.jsonl', 'watch -- true', 'report report.yaml', 'doctor'])
    for (const closed of ['<&-', '>&-', '2>&-', '<&- >&- 2>&-']) {
      const { code, err } = await shell(`$abreast ${command} ${closed}`, { cwd });
      assert.equal(code, 0, `${command} ${closed}: ${err}`);
    }
});

test('a report with few open files, in LANG=C and an odd time zone, is whole', async () => {
  const cwd = workplace();
  const { code, err } = await shell('ulimit -n 48; LANG=C TZ=:odd $abreast report -q report.yaml', { cwd });
  assert.equal(code, 0, err);
  const { out } = await shell('cat answers.jsonl', { cwd });
  assert.deepEqual(
    parsed(out).map(({ status }) => status),
    [200, 200],
  );
});

test('a report on a full disk says so in one line, wherever it notices', async () => {
  const cwd = workplace();
  const report = `rows: { sql: "select range as n from range(2000)" }
requests: [{ name: answers, url: "${server.httpUrl}/get?n={{n}}" }]`;
  writeFileSync(join(cwd, 'large.yaml'), report);
  // The size that a file may have, in KB: too small for the tables, for the rows, for the first answers.
  for (const most of [1, 12, 40]) {
    const { code, err } = await shell(`ulimit -f ${most}; $abreast report -q large.yaml`, { cwd });
    assert.match(err, /^[^\n]+: the file is as large as it may be \(ulimit -f\)\.[^\n]*\n$/, `${most}`);
    assert.equal(code, 3);
  }
});

test('a POST of 100 MB to serve is refused, and the server goes on', async () => {
  const body = Buffer.alloc(100 * 2 ** 20);
  const { status } = await fetch(`${server.httpUrl}/post`, { method: 'POST', body }).catch(() => ({
    status: 400,
  }));
  assert.equal(status, 400);
  assert.equal((await fetch(`${server.httpUrl}/get`)).status, 200);
});
