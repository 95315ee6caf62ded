import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { partsIn, textOf } from '../../../scripts/probe-parts.ts';
import { assembled, PARTS, PROBE } from '../../../scripts/ruby-probe.ts';
import { run } from './program.ts';
import { NO_RUBY, rubies } from './rubies.ts';

test('abreast_probe.rb is what its parts give; if not: node scripts/ruby-probe.ts', () => {
  assert.equal(readFileSync(PROBE, 'utf8'), assembled());
});

test('each part is in order.txt, once, and says what it is for', () => {
  const parts = partsIn(PARTS);
  assert.deepEqual([...parts].sort(), globSync('*.rb', { cwd: fileURLToPath(PARTS) }).sort());
  for (const part of parts) assert.match(textOf(part, PARTS), /^# \S[^\n]+\n/, part);
});

/** Syntax that a Ruby before 2.7 can't read would end a program there, though the probe does nothing in it. */
test('the probe has nothing newer than the syntax of Ruby 2.2', () => {
  const text = readFileSync(PROBE, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  assert.doesNotMatch(text, /&\.|<<~|\b_1\b|\(\.\.\.\)| in \[/);
});

for (const { version, path } of rubies())
  test(`Ruby ${version} warns of nothing in it`, async () => {
    const { stdout, stderr } = await run([path, '-wc', fileURLToPath(PROBE)], { probe: false });
    assert.deepEqual([stdout, stderr], ['Syntax OK\n', '']);
  });

test('a Ruby is here', { skip: rubies().length === 0 && NO_RUBY }, () => {});
