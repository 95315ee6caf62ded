import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { abreast } from '../e2e/abreast.ts';
import { ROOT } from '../house/checkout.ts';

const FOLDER = join(ROOT, 'test/report/broken');
const FILES = globSync('*.yaml', { cwd: FOLDER }).sort();

test('there are broken files enough', () => assert.ok(FILES.length >= 12));

for (const name of FILES) {
  const file = join(FOLDER, name);
  // '# LINE:COLUMN words' is what the file is told to be wrong with.
  const [, place, words] = /^# (\d+:\d+) (.+)\n/.exec(readFileSync(file, 'utf8'))!;

  test(`report --check tells of ${basename(name, '.yaml')} its place and what is wrong`, async () => {
    const { code, out, err } = await abreast(['report', '--check', file]);
    assert.equal(code, 2, err);
    assert.equal(out, '');
    assert.ok(err.startsWith(`${file}:${place}: `), err);
    assert.ok(err.includes(words!), err);
    assert.doesNotMatch(err, /^\s+at /m);
  });
}
