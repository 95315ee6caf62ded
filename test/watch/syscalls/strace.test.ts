import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canTrace } from '../../../src/watch/recorders/syscalls/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'abreast-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program in a folder of its own that is all there is on PATH. */
function program(name: string, text: string, mode = 0o755): NodeJS.ProcessEnv {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), mode);
  return { PATH: folder };
}

const onLinux = { skip: process.platform === 'linux' ? false : 'strace is a program of Linux' };

test('without strace, it says how to get it', onLinux, () => {
  const { version, missing } = canTrace({ PATH: join(folder, 'nothing') });
  assert.equal(version, null);
  assert.match(missing!, /install strace/);
});

test('where tracing is forbidden, it says what allows it', onLinux, () => {
  const refused =
    'test "$1" = --version && echo "strace -- version 6.1" && exit 0\necho "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2; exit 1';
  const { version, missing } = canTrace(program('strace', refused));
  assert.equal(version, '6.1');
  assert.match(missing!, /--cap-add SYS_PTRACE/);
});

test('a strace that is too old is recognized by the options that it refuses', onLinux, () => {
  const old =
    'test "$1" = --version && echo "strace -- version 4.26" && exit 0\necho "strace: unrecognized option \'--seccomp-bpf\'" >&2; exit 1';
  assert.match(canTrace(program('strace', old)).missing!, /5\.3/);
});

const SETUID = ['/usr/bin/su', '/bin/su', '/usr/bin/passwd'].find(
  (file) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o4000) !== 0,
);

test('a program that would lose its rights is not traced, and named', {
  skip: SETUID === undefined && 'no setuid program here: apt-get install util-linux',
}, (t) => {
  const room = new URL('../../../src/watch/recorders/syscalls/index.ts', import.meta.url);
  const code = `import { syscalls } from ${JSON.stringify(room)};
    const begin = (file) =>
      syscalls.begin({ command: [file], environment: {} }, { file, folder: '/', startedUs: 0, keepUrls: false });
    console.log(JSON.stringify(['${SETUID}', '/bin/sh'].map((file) => begin(file).hindrance ?? '')));`;
  // Root has no rights to lose: it asks as nobody.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const asked = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    ...nobody,
    cwd: '/',
    encoding: 'utf8',
  });
  if (asked.error !== undefined || /EACCES/.test(asked.stderr))
    return t.skip(
      `nobody may not read this checkout: chmod a+rX, or run the tests as another user than root`,
    );
  const [owned, plain] = JSON.parse(asked.stdout);
  assert.match(owned, /^\S+ runs as another user, which strace would prevent/);
  assert.doesNotMatch(plain, /another user/);
});
