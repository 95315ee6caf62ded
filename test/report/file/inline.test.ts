import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReport } from '../../../src/report/file/index.ts';
import { temporaryFolder } from '../../folder.ts';

const ENV = { DAY: '2026-11-01', TOKEN: 'sesame', USER_ID: '7' };

async function read(t: TestContext, rows: string, more = '') {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, `rows:\n  ${rows}\nrequests: [{ name: a, url: https://x/ }]\n${more}`);
  try {
    return await readReport(file, ENV);
  } catch (error) {
    throw Object.assign(error as Error, { message: (error as Error).message.replaceAll(`${file}:`, '') });
  }
}

test('variables in rows that stand in the file are not sent as they are written, however deep they stand', async (t) => {
  const { rows, secret } = await read(
    t,
    'inline: [{ day: "d-${DAY}", n: 1, list: [{ id: "${USER_ID}" }], price: "$${x}", stage: "${STAGE:-test}" }]',
  );
  assert.deepEqual('inline' in rows! && rows.inline, [
    { day: 'd-2026-11-01', n: 1, list: [{ id: '7' }], price: '${x}', stage: 'test' },
  ]);
  assert.deepEqual(secret, []);
});

test('a variable that is missing in such a row is an error at its place', async (t) => {
  await assert.rejects(
    read(t, 'inline: [{ day: "${DAI}" }, { user: { id: "${EMPTY}" } }]'),
    /: 2:20: there is no variable DAI in the environment; .* did you mean 'DAY'\?\n2:46: there is no variable EMPTY/,
  );
});

test('a column of such rows that holds a secret variable is secret, by the name that it has', async (t) => {
  const rows = `rename: { user: who }
  inline:
    - { key: "\${TOKEN}", user: { name: ann, pass: "x\${TOKEN}", all: ["\${TOKEN}"] }, day: "\${DAY}" }`;
  assert.deepEqual((await read(t, rows)).secret, ['key', 'who.pass', 'who.all']);
  assert.deepEqual((await read(t, rows, 'secret: [DAY, key]\n')).secret, [
    'DAY',
    'key',
    'who.pass',
    'who.all',
    'day',
  ]);
});
