import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { viewCommand } from '../../src/cli/view.ts';

test('docs/view.md has every option of view, and none that view has not', () => {
  const page = readFileSync(new URL('../../docs/view.md', import.meta.url), 'utf8');
  const table = page.split('\n').filter((line) => line.startsWith('| `-'));
  const named = new Set(
    table.flatMap((line) => (/^\| (.*?) \|/.exec(line)?.[1] ?? '').match(/--[\w-]+/g) ?? []),
  );
  const options = viewCommand().options.filter(({ hidden }) => !hidden);
  assert.deepEqual([...named].toSorted(), options.map(({ long }) => long!).toSorted());
});
