import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';

const SLOW = 'test/traces/cases/py27-grequests-pyopenssl.slow.jsonl.zst';
const FAST = 'test/traces/cases/py27-grequests-pyopenssl.fast.jsonl.zst';

after(closeBrowser);

for (const [traces, width, dark] of [
  [[SLOW], 360, false],
  [[SLOW, FAST], 1600, false],
  [[SLOW], 1600, true],
] as const)
  test(`axe finds nothing in any view of ${traces.length}, ${width} px, ${dark ? 'dark' : 'light'}`, {
    skip: NO_BROWSER,
  }, async (t) => {
    const { page } = await openPage(t, await pageOf(t, ...traces), { width, dark });
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(
        violations.map(({ id, impact, nodes }) => [id, impact, nodes[0]?.html, nodes[0]?.failureSummary]),
        [],
        `${await tab.textContent()}`,
      );
    }
  });

test('all that is on the page is reached with the keyboard alone', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
  const shown = () => page.locator('[role=tab][aria-selected=true]').textContent();
  const press = (key: string) => page.keyboard.press(key);

  await press('e');
  assert.equal(await shown(), 'Environment');
  await press('t');
  assert.equal(await shown(), 'Table');
  await page.locator('[role=tab][aria-selected=true]').focus();
  await press('End');
  const last = await shown();
  await press('ArrowRight');
  assert.notEqual(await shown(), last, 'from the last tab to the first');
  await press('ArrowLeft');
  assert.equal(await shown(), last);

  const dialog = page.getByRole('dialog');
  for (const closing of ['Escape', '?']) {
    await press('?');
    await dialog.waitFor();
    await press(closing);
    await dialog.waitFor({ state: 'hidden' });
  }

  const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const light = await paper();
  await press('m');
  assert.notEqual(await paper(), light);

  await page.getByRole('button', { name: 'the fix' }).focus();
  await press('Enter');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a system that turns dark turns the page dark, until a person chose otherwise', {
  skip: NO_BROWSER,
}, async (t) => {
  const { page } = await openPage(t, await pageOf(t, SLOW));
  const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const light = await paper();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: 'Light' }).click();
  assert.equal(await paper(), light);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await paper(), light);
});
