import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from './checkout.ts';

const IMPORT = `import { describe, test } from 'node:test';\n`;

function runTests(t: TestContext, files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const folder = temporaryFolder(t);
  lay(folder, files);
  // Without it node:test takes the inner run for a part of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/test.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
  });
  return { status, stderr, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

test('tests that pass are counted, suites are not', (t) => {
  const { status, last } = runTests(t, {
    'test/a.test.ts': `${IMPORT}test('one', () => {}); describe('two', () => { test('three', () => {}); });`,
    'test/deep/b.test.ts': `${IMPORT}test('four', async (t) => { await t.test('five', () => {}); });`,
  });
  assert.equal(status, 0);
  assert.equal(last, '4 passed, 0 failed');
});

test('a failure says where and why, and is counted once', (t) => {
  const { status, stdout, last } = runTests(t, {
    'test/a.test.ts': `${IMPORT}\ndescribe('suite', () => { test('is bad', () => { throw new Error('the reason'); }); });\ntest('is good', () => {});`,
  });
  assert.equal(status, 1);
  assert.match(stdout, /^FAILED test\/a\.test\.ts:3 is bad\n {4}Error: the reason/m);
  assert.equal(last, '1 passed, 1 failed');
});

test('a file that does not load is a failure, with what it said', (t) => {
  const { status, stdout, last } = runTests(t, { 'test/a.test.ts': `import './gone.ts';` });
  assert.equal(status, 1);
  assert.match(stdout, /FAILED test\/a\.test\.ts\n[\s\S]*ERR_MODULE_NOT_FOUND/);
  assert.equal(last, '0 passed, 1 failed');
});

test('what is skipped is listed with its reason', (t) => {
  const { status, stdout, last } = runTests(t, {
    'test/a.test.ts': `${IMPORT}test('one', () => {});
      test('two', { skip: 'needs strace: scripts/system.sh strace' }, () => {});
      describe('three', { skip: 'no network' }, () => { test('four', () => {}); });
      test('five', { todo: 'not yet' }, () => { throw new Error(); });`,
  });
  assert.equal(status, 0);
  assert.match(
    stdout,
    /\n3 skipped:\n {2}test\/a\.test\.ts:3 two: needs strace: scripts\/system\.sh strace\n {2}test\/a\.test\.ts:4 three: no network\n {2}test\/a\.test\.ts:5 five: not yet\n/,
  );
  assert.equal(last, '1 passed, 0 failed');
});

test('paths choose files, other words choose tests', (t) => {
  const both = `${IMPORT}test('reads', () => {}); test('writes', () => {});`;
  const files = { 'test/a/a.test.ts': both, 'test/ab.test.ts': both };
  assert.equal(runTests(t, files, 'test/a').last, '2 passed, 0 failed');
  assert.equal(runTests(t, files, 'test/a/', 'read').last, '1 passed, 0 failed');
});

test('long files run with --long, or by their own name, and not with the others', (t) => {
  const one = `${IMPORT}test('one', () => {});`;
  const two = `${IMPORT}test('two', () => {}); test('three', () => {});`;
  const files = { 'test/a.test.ts': one, 'test/b.long.test.ts': two };
  assert.equal(runTests(t, files).last, '1 passed, 0 failed');
  assert.equal(runTests(t, files, 'test').last, '1 passed, 0 failed');
  assert.equal(runTests(t, files, '--long').last, '2 passed, 0 failed');
  assert.equal(runTests(t, files, 'test/b.long.test.ts').last, '2 passed, 0 failed');
});

test('no test at all is no success', (t) => {
  assert.equal(runTests(t, { 'test/a.ts': '' }).status, 2);
  assert.equal(
    runTests(t, { 'test/a.test.ts': `${IMPORT}test('one', () => {});` }, 'nothing like it').status,
    1,
  );
});
