import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { getDefinition } from '../../src/cli/get/options.ts';

test('docs/get.md has every option of get, and none that get has not', () => {
  const page = readFileSync(new URL('../../docs/get.md', import.meta.url), 'utf8');
  const named = new Set(page.match(/(?<![\w-])--?[a-zA-Z0-9][\w.-]*/g));
  const { options } = getDefinition();
  const known = new Set(options.flatMap(({ short, long }) => [short, long]));
  const ownOfOthers = ['--https'];
  assert.deepEqual(
    [...named].filter((flag) => !known.has(flag) && !ownOfOthers.includes(flag)),
    [],
  );
  const visible = options.filter(({ hidden }) => !hidden);
  assert.deepEqual(
    visible.filter(({ short, long }) => !named.has(long!) && !named.has(short!)).map(({ flags }) => flags),
    [],
  );
});
