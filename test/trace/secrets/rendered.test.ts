import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { RENDERED } from '../../../scripts/secret-rules.ts';

for (const { part, text } of RENDERED)
  test(`${basename(part.pathname)} has the rules of src/trace/secrets/rules.ts; if not: node scripts/secret-rules.ts`, () => {
    assert.equal(readFileSync(part, 'utf8'), text());
  });
