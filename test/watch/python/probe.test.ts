import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assembled, PAGE, PARTS, PROBE, partsInOrder, withTable } from '../../../scripts/python-probe.ts';

const sourceOf = (part: string) => readFileSync(new URL(part, PARTS), 'utf8');

test('sitecustomize.py is what its parts give; if not: node scripts/python-probe.ts', () => {
  assert.equal(readFileSync(PROBE, 'utf8'), assembled());
});

test('the table of docs/watch.md is what the parts say they support; if not: node scripts/python-probe.ts', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page, withTable(page));
  assert.match(page, /\| httpcore \| 0\.17-1\.x \|/);
});

test('each part is in order.txt, once', () => {
  const parts = globSync('**/*.py', { cwd: fileURLToPath(PARTS) });
  assert.deepEqual([...partsInOrder()].sort(), parts.sort());
});

test('each part begins with a comment that says what it is for, and a part for a library with what it supports', () => {
  for (const part of partsInOrder()) {
    assert.match(sourceOf(part), /^# [A-Za-z][^\n]+\n/, part);
    if (part.startsWith('libraries/') && !part.endsWith('_async.py'))
      assert.match(sourceOf(part), /^# .*\.\n# supports: \S+ .*\d/, part);
  }
});

test('a part of a library imports nothing: the library is the one that the program loaded', () => {
  for (const part of partsInOrder().filter((path) => path.startsWith('libraries/')))
    assert.doesNotMatch(sourceOf(part), /^\s*(?:import|from) |__import__/m, part);
});

test('a folder beside the probe is no module that a program could import by accident', () => {
  const folders = readdirSync(dirname(fileURLToPath(PROBE)), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of folders)
    assert.doesNotMatch(name, /^\w+$/, `import ${name} finds a namespace package`);
});
