import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { closeBrowser, NO_BROWSER, openPage, pageOf, waitUntil } from './browser.ts';

const SLOW = 'test/traces/cases/py27-grequests-pyopenssl.slow.jsonl.zst';
const FAST = 'test/traces/cases/py27-grequests-pyopenssl.fast.jsonl.zst';

after(closeBrowser);

/** The colour behind everything. */
const PAPER = 'getComputedStyle(document.body).backgroundColor';

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
    for (const [at, tab] of (await page.getByRole('tab').all()).entries()) {
      await tab.click();
      // What is around the views is the same for all of them: it is looked at once.
      // The other mode opens a page of its own for each analysis, for frames, which this page has none of.
      const axe = new AxeBuilder({ page }).setLegacyMode();
      const { violations } = await (at === 0 ? axe : axe.include('#view')).analyze();
      assert.deepEqual(
        violations.map(({ id, impact, nodes }) => [id, impact, nodes[0]?.html, nodes[0]?.failureSummary]),
        [],
        `${await tab.textContent()}`,
      );
    }
  });

test('all that is on the page is reached with the keyboard alone', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
  const press = (key: string) => page.keyboard.press(key);
  const tabs = page.getByRole('tab');
  const isShown = (name: string) => page.getByRole('tab', { name, selected: true }).waitFor();

  await press('e');
  await isShown('Environment');
  await press('t');
  await isShown('Table');
  await page.getByRole('tab', { selected: true }).focus();
  const [first, last] = [await tabs.first().innerText(), await tabs.last().innerText()];
  await press('End');
  await isShown(last);
  await press('ArrowRight');
  await isShown(first);
  await press('ArrowLeft');
  await isShown(last);

  const dialog = page.getByRole('dialog');
  for (const closing of ['Escape', '?']) {
    await press('?');
    await dialog.waitFor();
    await press(closing);
    await dialog.waitFor({ state: 'hidden' });
  }

  const light = await page.evaluate<string>(PAPER);
  await press('m');
  await waitUntil(page, `${PAPER} !== '${light}'`);

  await page.getByRole('button', { name: 'the fix' }).focus();
  await press('Enter');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a system that turns dark turns the page dark, until a person chose otherwise', {
  skip: NO_BROWSER,
}, async (t) => {
  const { page } = await openPage(t, await pageOf(t, SLOW));
  const light = await page.evaluate<string>(PAPER);
  await page.emulateMedia({ colorScheme: 'dark' });
  await waitUntil(page, `${PAPER} !== '${light}'`);
  await page.getByRole('button', { name: 'Light' }).click();
  await waitUntil(page, `${PAPER} === '${light}'`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await waitUntil(page, "matchMedia('(prefers-color-scheme: dark)').matches");
  assert.equal(await page.evaluate(PAPER), light);
});
