import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import wabt from 'wabt';
import { ESCAPE_SLICE, escapeJson, MODULE } from '../../src/store/escape.ts';

test('the module is escape.wat, assembled', async () => {
  const source = readFileSync(new URL('../../src/store/escape.wat', import.meta.url), 'utf8');
  const assembler = await wabt();
  const module = assembler.parseWat('escape.wat', source, { simd: true });
  module.resolveNames();
  module.validate();
  assert.equal(MODULE, Buffer.from(module.toBinary({}).buffer).toString('base64'));
});

test('text is escaped as JSON.stringify escapes it, at every length and place in a block', () => {
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, byte) => byte));
  for (let from = 0; from < 128; from++)
    for (let to = from; to <= 128; to++)
      assert.equal(escaped(ascii.subarray(from, to)), JSON.stringify(ascii.toString('latin1', from, to)));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const utf8 = Buffer.from(text, 'utf8');
      assert.equal(escaped(utf8), JSON.stringify(utf8.toString('utf8')));
    }),
  );
});

test('a full slice of bytes that all grow sixfold fits', () => {
  const worst = Buffer.alloc(ESCAPE_SLICE, 1);
  assert.equal(escaped(worst), JSON.stringify(worst.toString('latin1')));
});

function escaped(utf8: Buffer): string {
  return `"${Buffer.from(escapeJson(utf8)).toString('utf8')}"`;
}
