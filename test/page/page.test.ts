import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
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

test('a page that was cut short shows what is left of it, and says so', { skip: NO_BROWSER }, async (t) => {
  for (const [kept, said] of [
    [0.95, /cut short or changed/],
    [0.001, /can't be read|cut short or changed/],
  ] as const) {
    const file = await pageOf(t, TRACE);
    const html = readFileSync(file, 'utf8');
    const from = html.indexOf('id="trace-1">');
    writeFileSync(
      file,
      html.slice(0, from + 13 + Math.round(kept * (html.indexOf('</script>', from) - from - 13))),
    );
    const { page, complaints } = await openPage(t, file);
    assert.match(await page.locator('.failure').innerText(), said);
    assert.match((await page.textContent('h1'))!, /^concurrent/);
    assert.deepEqual(complaints, []);
  }
});

test('a page runs no script but its own', { skip: NO_BROWSER }, async (t) => {
  const file = await pageOf(t, TRACE);
  writeFileSync(file, readFileSync(file, 'utf8').replace('<body', '<script>window.hacked=1</script><body'));
  const { page, complaints } = await openPage(t, file);
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.match(complaints.join(), /Content Security Policy/);
});

test('only the owner can read a page', async (t) => {
  assert.equal(statSync(await pageOf(t, TRACE)).mode & 0o777, 0o600);
});
