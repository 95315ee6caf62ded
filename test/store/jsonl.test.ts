import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { FetchError, type Result } from '../../src/fetch/index.ts';
import { Batch } from '../../src/store/batch.ts';
import { jsonlWriter } from '../../src/store/jsonl.ts';
import { toRecord } from '../../src/store/record.ts';
import { result } from './example.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/result.json', import.meta.url), 'utf8'));
const isResult = new Ajv2020({ allowUnionTypes: true }).compile(schema);

const ms = fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }));
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text, 'utf8')),
  fc.string({ maxLength: 300 }).map((text) => Buffer.from(`${text}\u0000\u001f"\\\n\u2028`.repeat(300))),
);
const results: fc.Arbitrary<Result> = fc
  .record({
    index: fc.nat(),
    input: fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'grapheme' })),
    data: fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
    url: fc.webUrl(),
    finalUrl: fc.option(fc.webUrl()),
    status: fc.option(fc.integer({ min: 100, max: 599 })),
    error: fc.option(fc.string().map((text) => new FetchError('reset', text))),
    attempts: fc.nat(9),
    startedAt: fc.option(fc.double({ min: 0, max: 4e12, noNaN: true })),
    waitMs: ms,
    connectMs: ms,
    ttfbMs: ms,
    totalMs: ms,
    bytes: fc.nat(),
    headers: fc.option(fc.dictionary(fc.string({ minLength: 1 }), fc.string())),
    body: fc.option(bodies.map((body) => Buffer.from(body))),
  })
  .map(result);

test('a line is what JSON.stringify makes of the record, for any result, and fits the published schema', () => {
  const keep = { bodies: true, urls: false };
  const write = jsonlWriter(keep);
  fc.assert(
    fc.property(results, (one) => {
      const batch = new Batch(16);
      write(batch, one, one.index);
      const line = batch.filled.toString('utf8');
      assert.equal(line, `${JSON.stringify(toRecord(one, one.index, keep))}\n`);
      assert.ok(isResult(JSON.parse(line)), JSON.stringify(isResult.errors));
    }),
  );
});

test('a body comes back from its line byte for byte, as text or as base64', () => {
  const write = jsonlWriter({ bodies: true, urls: false });
  fc.assert(
    fc.property(bodies, (bytes) => {
      const batch = new Batch(16);
      write(batch, result({ body: Buffer.from(bytes) }), 0);
      const { body, bodyEncoding } = JSON.parse(batch.filled.toString('utf8'));
      assert.deepEqual(Buffer.from(body, bodyEncoding), Buffer.from(bytes));
    }),
  );
});

test('headers that are the same object are quoted once, other ones again', () => {
  const write = jsonlWriter({ bodies: false, urls: false });
  const headers = { server: 'one' };
  const lines = [headers, headers, { server: 'two' }, null, headers].map((given) => {
    const batch = new Batch(16);
    write(batch, result({ headers: given }), 0);
    return JSON.parse(batch.filled.toString('utf8')).headers;
  });
  assert.deepEqual(lines, [headers, headers, { server: 'two' }, null, headers]);
});

test('the schema refuses a line with a key too few, and one too many', () => {
  const record = { ...toRecord(result(), 0, { bodies: true, urls: false }) };
  assert.ok(isResult(record));
  assert.ok(!isResult({ ...record, extra: 1 }));
  const { attempts: _, ...fewer } = record;
  assert.ok(!isResult(fewer));
});
