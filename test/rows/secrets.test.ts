import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, openRows } from '../../src/rows/index.ts';

const MARK = 'hunter2marked';

/** Files that are not what they should be, and hold a secret where the message points. */
const FILES: readonly (readonly [what: string, name: string, content: string])[] = [
  ['a CSV file without a header', 'rows.csv', `https://h/?token=${MARK},b\nhttps://h/,c\n`],
  ['a CSV file whose first row has the same twice', 'rows.csv', `h/?key=${MARK},h/?key=${MARK}\n`],
  ['a CSV file with a broken quote', 'rows.csv', `url,b\nhttps://h/,"https://joe:${MARK}@h/"x\n`],
  ['URLs that are named JSON Lines', 'rows.jsonl', `h/?key=${MARK}\n`],
  [
    'an object where a URL should be',
    'rows.jsonl',
    `{"url": {"href": "h/?code=${MARK}", "token": "${MARK}"}}\n`,
  ],
];

for (const [what, name, content] of FILES)
  test(`no secret is in the message about ${what}`, async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'abreast-rows-')), name);
    writeFileSync(file, content);
    const failure = await failureOf(file);
    assert.ok(failure instanceof InputError, String(failure));
    assert.ok(!failure.message.includes(MARK), failure.message);
  });

async function failureOf(file: string): Promise<unknown> {
  try {
    const rows = await openRows([{ file, column: undefined }]);
    for await (const _ of rows);
    return rows.failure;
  } catch (error) {
    return error;
  }
}
