import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assembled, PROBE, partsInOrder } from '../../../scripts/python-probe.ts';

const PARTS = fileURLToPath(new URL('probe/', PROBE));

test('sitecustomize.py is what its parts give; if not: node scripts/python-probe.ts', () => {
  assert.equal(readFileSync(PROBE, 'utf8'), assembled());
});

test('each part is in order.txt, once', () => {
  assert.deepEqual([...partsInOrder()].sort(), globSync('**/*.py', { cwd: PARTS }).sort());
});
