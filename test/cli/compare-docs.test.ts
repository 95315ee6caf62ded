import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compareDefinition } from '../../src/cli/compare/options.ts';

test('docs/compare.md has every option of compare, and none that compare has not', () => {
  const page = readFileSync(new URL('../../docs/compare.md', import.meta.url), 'utf8');
  const table = page.split('\n').filter((line) => line.startsWith('| `--'));
  const named = new Set(table.flatMap((line) => line.match(/`--[\w-]+/g)!.map((option) => option.slice(1))));
  const options = compareDefinition().options.filter(({ hidden }) => !hidden);
  assert.deepEqual([...named].toSorted(), options.map(({ long }) => long!).toSorted());
});
