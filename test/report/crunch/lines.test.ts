import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { measure } from '../../../src/report/crunch/lines.ts';

test('lines are measured wherever what is read at once ends, and are not kept in memory', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-lines-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const lengths = [1, 1024 * 1024, 1, 3_000_000, 0, 1024 * 1024 - 1, ...Array<number>(600).fill(100_000)];
  const parts = ['one', 'other', 'empty'].map((name) => join(folder, name));
  const text = lengths.map((length) => `${'ü'.repeat(length / 2)}${'x'.repeat(length % 2)}\n`).join('');
  for (const [at, part] of parts.entries()) writeFileSync(part, at === 2 ? '' : text);
  const bytes = lengths.reduce((sum, length) => sum + length + 1, 0);
  const before = process.memoryUsage().arrayBuffers;
  assert.deepEqual(await measure(parts), {
    lines: 2 * lengths.length,
    bytes: 2 * bytes,
    longest: 3_000_001,
  });
  assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
});
