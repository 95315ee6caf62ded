import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseDocument } from '../../../src/document/index.ts';
import { RESERVED } from '../../../src/report/file/names.ts';
import { reportJsonSchema } from '../../../src/report/file/schema.ts';
import { ROOT } from '../../house/checkout.ts';

const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');

test('schema/report.json is what the schema gives; if not: node scripts/schema.ts', () => {
  const published = JSON.parse(readFileSync(join(ROOT, 'schema/report.json'), 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(reportJsonSchema())));
});

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  reportJsonSchema(),
);

test('the published schema takes a report and refuses what the command refuses', () => {
  const report = {
    requests: [{ name: 'a', url: 'https://x/' }],
    limits: { timeout: '10s' },
    fail: { max: '1%' },
  };
  assert.ok(validate(report), JSON.stringify(validate.errors));
  const wrong = [
    {},
    { ...report, limit: {} },
    { ...report, limits: { timeout: 10 } },
    { ...report, rows: { csv: 'a', sql: 'b' } },
    { ...report, requests: [{ name: 'a-b', url: 'https://x/' }] },
    { ...report, requests: [{ name: 'a', url: 'https://x/', pages: { next: 'url' } }] },
  ];
  for (const each of wrong) assert.equal(validate(each), false, JSON.stringify(each));
});

test('the published schema takes every example', () => {
  const examples = globSync('examples/*.yaml', { cwd: ROOT });
  assert.ok(examples.length > 0);
  for (const example of examples) {
    const { data } = parseDocument(readFileSync(join(ROOT, example), 'utf8'), example);
    assert.ok(validate(data), `${example}: ${JSON.stringify(validate.errors)}`);
  }
});

test('the words that can be no table are those that DuckDB refuses', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const words = (
    await connection.runAndReadAll('select distinct keyword_name from duckdb_keywords()')
  ).getRows();
  const refused: string[] = [];
  for (const [word] of words as string[][]) {
    await connection.run(`create or replace table "${word}" as select 1 as x`);
    await connection.run(`select ${word}.x from ${word}`).catch(() => refused.push(word!));
  }
  connection.closeSync();
  assert.deepEqual(refused.sort(), [...RESERVED].sort());
});
