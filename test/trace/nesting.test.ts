import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNestedTooDeep, MOST_NESTED } from '../../src/trace/index.ts';

const nested = (depth: number, open = '[', close = ']', inner = '') =>
  open.repeat(depth) + inner + close.repeat(depth);

test('JSON is nested too deep from one level over the limit on', () => {
  assert.ok(!isNestedTooDeep(nested(MOST_NESTED)));
  assert.ok(isNestedTooDeep(nested(MOST_NESTED + 1)));
  assert.ok(isNestedTooDeep(nested(MOST_NESTED + 1, '{"a":', '}', '1')));
  assert.ok(isNestedTooDeep(`[${'[],'.repeat(5000)}${nested(MOST_NESTED)}]`));
});

test('values beside each other, and brackets in strings, are no nesting', () => {
  assert.ok(!isNestedTooDeep(`[${'[],'.repeat(5000)}[]]`));
  assert.ok(!isNestedTooDeep(JSON.stringify([nested(5000), nested(5000, '\\"['), '\\'])));
  assert.ok(isNestedTooDeep(`["\\\\",${nested(MOST_NESTED)}]`));
  assert.ok(!isNestedTooDeep(`"${nested(5000)}`));
});
