import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, test } from 'node:test';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';

const TRACE = 'test/traces/get-two-of-eight.jsonl';

after(closeBrowser);

test('a page shows verdict and exchanges of its trace, without a network and without an error', {
  skip: NO_BROWSER,
}, async (t) => {
  const { verdict } = await judgeTrace(TRACE);
  const { page, complaints } = await openPage(t, await pageOf(t, TRACE));
  assert.equal((await page.textContent('h1'))!.replaceAll('\u00a0', ' '), verdict.verdict);
  await page.locator('#tab-table').click();
  assert.equal(await page.locator('.exchanges tbody tr').count(), verdict.exchanges);
  assert.deepEqual(complaints, []);
});

test('only the owner can read a page', async (t) => {
  assert.equal(statSync(await pageOf(t, TRACE)).mode & 0o777, 0o600);
});
