import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './checkout.ts';

test('nothing is made a FetchError by a cast: a result may not have an error without a code', () => {
  const casting = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) =>
    /\bas (?:unknown as )?FetchError\b|<FetchError>[^(]/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  assert.deepEqual(casting, [], 'use failureOf() of src/fetch/errors.ts');
});
