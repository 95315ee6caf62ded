import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { watchDefinition } from '../../src/cli/watch/options.ts';

test('docs/watch.md has every option of watch, and none that watch has not', () => {
  const page = readFileSync(new URL('../../docs/watch.md', import.meta.url), 'utf8');
  const table = page.split('\n').filter((line) => line.startsWith('| `--'));
  const named = new Set(table.flatMap((line) => line.match(/`--[\w-]+/g)!.map((option) => option.slice(1))));
  const options = watchDefinition().options.filter(({ hidden }) => !hidden);
  assert.deepEqual([...named].toSorted(), options.map(({ long }) => long!).toSorted());
});
