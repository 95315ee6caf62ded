import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../../../src/fetch/bodies/body.ts';
import { bodyMemory } from '../memory.ts';

test('a body keeps what came before its length was told, as HTTP/2 may have it', () => {
  const body = new Body(bodyMemory(1000));
  body.add(Buffer.from('..hello'), 2, 7);
  body.expect(11);
  body.add(Buffer.from(' world'), 0, 6);
  assert.equal(body.bytes().toString(), 'hello world');
});
