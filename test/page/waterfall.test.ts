import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';
import { painted } from './painted.ts';

const PYOPENSSL = 'test/traces/cases/py27-grequests-pyopenssl.slow.jsonl.zst';
const AT_ONCE = 'test/traces/get-20-at-once.jsonl';

after(closeBrowser);

async function clickAt(page: Page, position: { x: number; y: number }): Promise<void> {
  await page.locator('#waterfall').click({ position });
}

test('who clicks what is blocked reads the class of the socket that held the thread: nothing else has to be done', {
  skip: NO_BROWSER,
}, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, PYOPENSSL));
  const blocked = await painted(page, 'blocked');
  assert.ok(blocked.count > 5_000, `most of this run is blocked: ${blocked.count} pixels`);
  await clickAt(page, blocked.longest);
  const held = page.locator('.details');
  assert.match((await held.textContent())!, /requests\.packages\.urllib3\.contrib\.pyopenssl\.WrappedSocket/);
  assert.match((await held.textContent())!, /pyOpenSSL 19\.1\.0/);
  assert.match(
    (await held.textContent())!,
    /select\.select, select\.poll, select\.epoll: gevent 1\.2\.2 left them/,
  );
  assert.match((await held.textContent())!, /\/delay\?ms=200 \(exchange \d+\)/);
  assert.deepEqual(complaints, []);
});

test('keys alone lead to what is blocked, and to who held the thread', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, PYOPENSSL));
  await page.locator('#waterfall').focus();
  for (let zooms = 0; zooms < 12; zooms++) await page.keyboard.press('+');
  await page.keyboard.press('b');
  assert.match((await page.textContent('#socket-class'))!, /WrappedSocket$/);
  assert.ok((await painted(page, 'blocked')).count > 0, 'it is visible, whatever was before');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#socket-class').count(), 0);
  assert.deepEqual(complaints, []);
});

test('wheel, drag and keys zoom and pan, and one button shows all again', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, AT_ONCE));
  const all = page.getByRole('button', { name: 'Show all' });
  assert.equal(await all.isDisabled(), true);
  await page.locator('#waterfall').scrollIntoViewIfNeeded();
  const box = (await page.locator('#waterfall').boundingBox())!;
  const middle = { x: box.x + box.width * 0.6, y: box.y + box.height / 2 };
  const before = await painted(page, 'seg-answer');
  await page.mouse.move(middle.x, middle.y);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -400);
  await page.keyboard.up('Control');
  await page.locator('.toggles button:enabled').waitFor();
  await painted(page, 'seg-answer', ({ count }) => count > before.count);
  // Dragging to the right shows what was earlier: the window of the small picture moves to the left.
  const window = await painted(page, 'accent', ({ count }) => count > 0, '.minimap');
  await page.mouse.down();
  await page.mouse.move(middle.x + 60, middle.y, { steps: 4 });
  await page.mouse.up();
  await painted(page, 'accent', ({ left }) => left < window.left, '.minimap');
  await all.click();
  assert.equal(await all.isDisabled(), true);
  await page.locator('#waterfall').focus();
  await page.keyboard.press('+');
  assert.equal(await all.isDisabled(), false);
  await page.keyboard.press('0');
  assert.equal(await all.isDisabled(), true);
  assert.deepEqual(complaints, []);
});

test('a filter, an order and other rows are a choice away', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, 'test/traces/get-failures.jsonl'));
  const count = page.locator('.toolbar .count');
  const all = Number.parseInt((await count.textContent())!, 10);
  await page.getByLabel('Status', { exact: true }).selectOption('failed');
  const failed = Number.parseInt((await count.textContent())!, 10);
  assert.ok(failed > 0 && failed < all, `${failed} of ${all}`);
  assert.match((await count.textContent())!, new RegExp(`^${failed} of ${all} exchanges$`));
  await page.getByLabel('Status', { exact: true }).selectOption('');
  await page.locator('#filter-text').fill('no such URL');
  assert.match((await count.textContent())!, /^0 of /);
  await page.locator('#filter-text').fill('');
  for (const rows of ['connection', 'thread', 'task', 'served request', 'process', 'exchange']) {
    await page.getByLabel('Row').selectOption(rows);
    assert.ok((await painted(page, 'seg-answer')).count > 0, `rows by ${rows}`);
  }
  for (const order of ['wait', 'duration', 'origin']) await page.getByLabel('Sort').selectOption(order);
  await page.getByLabel('Critical path').check();
  await page.getByLabel('Time of day (UTC)').check();
  assert.deepEqual(complaints, []);
});

test('what the exchanges waited for is a filter', { skip: NO_BROWSER }, async (t) => {
  const { page } = await openPage(t, await pageOf(t, PYOPENSSL));
  const blocked = page.getByRole('button', { name: /^blocked/ });
  assert.match((await blocked.textContent())!, /[789]\d%$/);
  await blocked.click();
  assert.match((await page.locator('.toolbar .count').textContent())!, /^(18|19) of 20 /);
});

test('gaps in which nothing is wanted fold, so that the rest is wider', { skip: NO_BROWSER }, async (t) => {
  const { page } = await openPage(t, await pageOf(t, 'test/traces/cases/node-polls.control.jsonl.zst'));
  const before = (await painted(page, 'seg-answer')).count;
  await page.getByLabel('Fold gaps').check();
  await painted(page, 'seg-answer', ({ count }) => count > 1.4 * before);
});

test('the waterfall fits a telephone, and is dark where the system is', { skip: NO_BROWSER }, async (t) => {
  const opening = { width: 360, height: 740, dark: true };
  const { page, complaints } = await openPage(t, await pageOf(t, PYOPENSSL), opening);
  const blocked = await painted(page, 'blocked');
  assert.ok(blocked.count > 1_000);
  const width: number = await page.evaluate('document.documentElement.scrollWidth');
  assert.ok(width <= 360, `${width} pixels wide`);
  await clickAt(page, blocked.longest);
  assert.match((await page.textContent('#socket-class'))!, /WrappedSocket$/);
  assert.deepEqual(complaints, []);
});

test('two fingers zoom, and one moves', { skip: NO_BROWSER }, async (t) => {
  const { page, complaints } = await openPage(t, await pageOf(t, AT_ONCE), { width: 360, height: 740 });
  const before = await painted(page, 'seg-answer');
  await page.locator('#waterfall').scrollIntoViewIfNeeded();
  const box = (await page.locator('#waterfall').boundingBox())!;
  const y = box.y + 60;
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...xs: readonly number[]) =>
    chromium.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: xs.map((x, id) => ({ x: box.x + x, y, id })),
    });
  await touch('touchStart', 180, 230);
  for (let step = 1; step <= 6; step++) await touch('touchMove', 180 - 10 * step, 230 + 10 * step);
  await touch('touchEnd');
  await page.locator('.toggles button:enabled').waitFor();
  await painted(page, 'seg-answer', ({ count }) => count > 1.2 * before.count);
  // The lines of the time axis move with the finger.
  const lines = await painted(page, 'line');
  await touch('touchStart', 120);
  for (let step = 1; step <= 6; step++) await touch('touchMove', 120 + 21 * step);
  await touch('touchEnd');
  await painted(page, 'line', (moved) => !isDeepStrictEqual(moved, lines));
  assert.deepEqual(complaints, []);
});
