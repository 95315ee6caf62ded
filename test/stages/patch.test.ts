import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StagesError } from '../../src/stages/error.ts';
import { patchPackages } from '../../src/stages/patch.ts';

const PROGRAM = join(import.meta.dirname, '../../lab/patch.py');
const PYTHONS = ['python2.7', 'python3'].filter(
  (name) => spawnSync(name, ['-c', '0'], { stdio: 'ignore' }).status === 0,
);

const BEFORE = `${Array.from({ length: 30 }, (_, i) => `line_${i} = ${i}`).join('\n')}\n`;
const AFTER = BEFORE.replace('line_3 = 3\n', 'line_3 = "three"\nand_more = 3.5\n').replace(
  'line_27 = 27\n',
  '',
);
const HUNKS = `--- a/pack/module.py
+++ b/pack/module.py
@@ -1,7 +1,8 @@
 line_0 = 0
 line_1 = 1
 line_2 = 2
-line_3 = 3
+line_3 = "three"
+and_more = 3.5
 line_4 = 4
 line_5 = 5
 line_6 = 6
@@ -25,6 +26,5 @@
 line_24 = 24
 line_25 = 25
 line_26 = 26
-line_27 = 27
 line_28 = 28
 line_29 = 29
`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A package, a patch for it, and a Python that finds it. */
function installed(t: TestContext, python: string, content = BEFORE, after = AFTER) {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-patch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  mkdirSync(at('site/pack'), { recursive: true });
  writeFileSync(at('site/pack/__init__.py'), '');
  writeFileSync(at('site/pack/module.py'), content);
  writeFileSync(at('python'), `#!/bin/sh\nPYTHONPATH='${at('site')}' exec ${python} "$@"\n`);
  chmodSync(at('python'), 0o755);
  writeFileSync(
    at('a.diff'),
    `What it does.\n\nsha256 before ${sha256(BEFORE)}\nsha256 after  ${sha256(after)}\n${HUNKS}`,
  );
  const files = { program: PROGRAM, diff: at('a.diff') };
  return {
    at,
    file: at('site/pack/module.py'),
    content: () => readFileSync(at('site/pack/module.py'), 'utf8'),
    patch: (verb: 'apply' | 'revert' | 'status') => patchPackages(verb, at('python'), files),
  };
}

if (PYTHONS.length === 0) {
  test('packages are patched', {
    skip: 'neither python2.7 nor python3 in PATH: apt-get install python3',
  }, () => {});
}

for (const python of PYTHONS) {
  test(`${python}: what was applied is reverted byte for byte, and doing it twice does nothing`, async (t) => {
    const { patch, content, file } = installed(t, python);
    assert.deepEqual(await patch('status'), { state: 'original', file, changed: false });
    assert.deepEqual(await patch('apply'), { state: 'patched', file, changed: true });
    assert.equal(content(), AFTER);
    assert.deepEqual(await patch('apply'), { state: 'patched', file, changed: false });
    assert.deepEqual(await patch('status'), { state: 'patched', file, changed: false });
    assert.deepEqual(await patch('revert'), { state: 'original', file, changed: true });
    assert.equal(content(), BEFORE);
    assert.deepEqual(await patch('revert'), { state: 'original', file, changed: false });
  });

  test(`${python}: a file that the patch does not know is left alone`, async (t) => {
    const { patch, content } = installed(t, python, `${BEFORE}# mine\n`);
    for (const verb of ['apply', 'revert', 'status'] as const) {
      await assert.rejects(patch(verb), (error: Error) => {
        assert.ok(error instanceof StagesError);
        assert.match(
          error.message,
          /pack\/module\.py is not the file that this patch knows, and is left alone/,
        );
        return true;
      });
    }
    assert.equal(content(), `${BEFORE}# mine\n`);
  });

  test(`${python}: a diff that makes another file than it says changes nothing`, async (t) => {
    const { patch, content } = installed(t, python, BEFORE, `${AFTER}# more\n`);
    await assert.rejects(patch('apply'), /the sha256 in its text are not those of its diff/);
    assert.equal(content(), BEFORE);
  });

  test(`${python}: other names of the file keep their content, its mode stays, and nothing compiled is left`, async (t) => {
    const { patch, content, file, at } = installed(t, python);
    chmodSync(file, 0o640);
    linkSync(file, at('cached.py'));
    const imported = () =>
      spawnSync(at('python'), ['-c', 'import pack.module as m; print(m.line_3)'], { encoding: 'utf8' })
        .stdout;
    assert.equal(imported(), '3\n');
    await patch('apply');
    assert.equal(content(), AFTER);
    assert.equal(readFileSync(at('cached.py'), 'utf8'), BEFORE);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(imported(), 'three\n');
  });

  test(`${python}: packages without the file, and a patch that is none, are said`, async (t) => {
    const { patch, file, at } = installed(t, python);
    rmSync(file);
    await assert.rejects(patch('apply'), /^StagesError: pack is not installed for /);
    const at2 = (diff: string) => patchPackages('apply', at('python'), { program: PROGRAM, diff });
    await assert.rejects(at2(at('none.diff')), /none\.diff: No such file or directory/);
    writeFileSync(at('bare.diff'), HUNKS);
    await assert.rejects(at2(at('bare.diff')), /is no patch of a story/);
    assert.equal(existsSync(file), false);
  });
}

test('a Python that is not there is said', async () => {
  const files = { program: PROGRAM, diff: 'a.diff' };
  await assert.rejects(
    patchPackages('status', '/nowhere/python', files),
    /^StagesError: \/nowhere\/python can't be run/,
  );
  await assert.rejects(
    patchPackages('status', '/bin/true', files),
    /^StagesError: \/bin\/true could not run /,
  );
});
