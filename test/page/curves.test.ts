import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { CURVE_STEPS, curvesOf, levelsAt } from '../../src/page/model/curves.ts';
import { closeBrowser, isAbout, msOf, NO_BROWSER, openPage, pageOf } from './browser.ts';
import { laid } from './model/runs.ts';
import { type Painted, painted } from './painted.ts';

const CASE = (name: string) => join('test/traces/cases', `${name}.jsonl.zst`);
const SLOW = CASE('py27-grequests-pyopenssl.slow');
const FAST = CASE('py27-grequests-pyopenssl.fast');
const PHASES = CASE('node-two-phases-one-line.slow');

after(closeBrowser);

const text = async (page: Page, selector: string): Promise<string> =>
  ((await page.locator(selector).textContent()) ?? '').replaceAll('\u00a0', ' ');

describe('the funnel', { skip: NO_BROWSER }, () => {
  test('has the means of the verdict beside it, and the levels of an instant under the pointer', async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
    const { verdict, segments, times } = await laid('py27-grequests-pyopenssl.slow.jsonl.zst');
    const read = async () => (await page.locator('.readings dd:not(.at)').allTextContents()).map(Number);
    assert.deepEqual(
      await read(),
      CURVE_STEPS.map((step) => verdict.funnel[step]),
    );
    await page.locator('#funnel').focus();
    await page.keyboard.press('Home');
    for (let times = 0; times < 4; times++) await page.keyboard.press('ArrowRight');
    const at = Number(await page.locator('#funnel').getAttribute('aria-valuenow'));
    const levels = levelsAt(curvesOf(segments), times.fromUs + at);
    assert.deepEqual(
      await read(),
      CURVE_STEPS.map((step) => levels[step]),
    );
    const spoken = (await page.locator('#funnel').getAttribute('aria-valuetext'))!;
    assert.match(spoken, new RegExp(`${levels.wanted} wanted, .*${levels.sent} in flight`));
    assert.deepEqual(complaints, []);
  });

  test('shows the instant that the waterfall shows', async (t) => {
    const { page } = await openPage(t, await pageOf(t, SLOW));
    await page.locator('#waterfall').scrollIntoViewIfNeeded();
    const box = (await page.locator('#waterfall').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.7, box.y + 60);
    assert.match(await text(page, '.readings dt.at'), /^at /);
    const before = await page.locator('#funnel').getAttribute('aria-valuenow');
    await page.mouse.move(box.x + box.width * 0.8, box.y + 60);
    assert.ok(Number(await page.locator('#funnel').getAttribute('aria-valuenow')) > Number(before));
  });

  test('has the phases with what each could have saved, and a click shows one', async (t) => {
    const { verdict } = await judgeTrace(PHASES);
    const { page, complaints } = await openPage(t, await pageOf(t, PHASES));
    const phases = page.locator('.phases button');
    assert.equal(await phases.count(), verdict.phases.length);
    for (const [at, { savesMs, exchanges }] of verdict.phases.entries()) {
      const said = (await phases.nth(at).textContent())!;
      assert.ok(said.includes(`${at + 1}. ${exchanges}`), said);
      const saves = /could save (.+)$/.exec(said)?.[1];
      if (saves === undefined) assert.ok(savesMs < 10, said);
      else assert.ok(isAbout(saves, savesMs), said);
    }
    await phases.first().click();
    assert.equal(await phases.first().getAttribute('aria-pressed'), 'true');
    assert.deepEqual(complaints, []);
  });
});

describe('what if', { skip: NO_BROWSER }, () => {
  test('has a switch for the limit that was found, and a slider: all as it was, and one at a time', async (t) => {
    const { verdict } = await judgeTrace(SLOW);
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
    await page.locator('#what-if summary').click();
    const limit = page.getByLabel(/a blocked thread or loop/);
    assert.equal(await limit.isChecked(), false);
    for (const one of await page.locator('#what-if fieldset input').all()) await one.check();
    assert.ok(isAbout(await text(page, '#what-if-wall'), verdict.wallMs));
    await page.getByRole('button', { name: 'As in the verdict' }).click();
    assert.equal(await limit.isChecked(), false);
    const possible = msOf(await text(page, '#what-if-wall'));
    const slider = page.getByRole('slider', { name: /at most at once/ });
    await slider.focus();
    await page.keyboard.press('Home');
    assert.equal(await slider.getAttribute('aria-valuetext'), '1');
    const serial = msOf(await text(page, '#what-if-wall'));
    assert.ok(serial > 5 * possible, `${serial} ms one at a time, ${possible} ms all at once`);
    await page.keyboard.press('ArrowRight');
    assert.ok(msOf(await text(page, '#what-if-wall')) < 0.7 * serial);
    assert.deepEqual(complaints, []);
  });

  test('draws the run as it would have been: nothing is blocked any more', async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
    const isMuch = ({ count }: Painted) => count > 1_000;
    const isNone = ({ count }: Painted) => count === 0;
    await painted(page, 'blocked', isMuch);
    await painted(page, 'blocked', isMuch, '#funnel canvas');
    await page.locator('#what-if summary').click();
    await page.getByLabel('Show the run as it would have been').check();
    await page.getByText('As it would have been', { exact: true }).waitFor();
    await painted(page, 'blocked', isNone);
    await painted(page, 'blocked', isNone, '#funnel canvas');
    await page.getByLabel('Show the run as it would have been').uncheck();
    await painted(page, 'blocked', isMuch);
    assert.deepEqual(complaints, []);
  });
});

describe('threads', { skip: NO_BROWSER }, () => {
  test('a block that is clicked says its call, its exchange and its stack', async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW));
    await page.locator('#tab-threads').click();
    const box = (await page.locator('#lanes').boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.6, box.y + 33);
    const said = await text(page, '.block-details');
    assert.match(said, /select for \d/);
    assert.match(said, /waits for one descriptor/);
    assert.match(said, /WrappedSocket/);
    await page.locator('.block-details .link').first().click();
    assert.equal(await page.locator('#tab-timeline').getAttribute('aria-selected'), 'true');
    assert.deepEqual(complaints, []);
  });

  test('the stacks in which requests waited are a table, too, and keys go through the graph', async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW), { width: 360, dark: true });
    await page.locator('#tab-threads').click();
    const rows = await page.locator('#stacks tbody tr').allTextContents();
    assert.match(rows[0]!, /select waits for one descriptor.*WrappedSocket/);
    await page.locator('#flame').focus();
    await page.keyboard.press('ArrowDown');
    const first = await text(page, '.chosen');
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await text(page, '.chosen'), first);
    await page.keyboard.press('ArrowUp');
    assert.equal(await text(page, '.chosen'), first);
    assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'));
    assert.deepEqual(complaints, []);
  });

  test('say why where there is nothing to show', async (t) => {
    const { page } = await openPage(t, await pageOf(t, 'test/traces/get-20-at-once.jsonl'));
    await page.locator('#tab-threads').click();
    assert.match(await text(page, '#view'), /No recorder saw what threads did/);
  });
});

describe('two runs', { skip: NO_BROWSER }, () => {
  test('are on one time scale, with what differs: verdict, modules, each URL', async (t) => {
    const [slow, fast] = [await judgeTrace(SLOW), await judgeTrace(FAST)];
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW, FAST));
    assert.equal(await page.locator('#tab-runs').getAttribute('aria-selected'), 'true');
    assert.equal(await page.locator('.run-picture').count(), 2);
    const verdicts = await page.locator('#verdict-difference tr.differs').allTextContents();
    assert.ok(
      verdicts.some((row) => row.includes(slow.verdict.overlap) && row.includes(fast.verdict.overlap)),
      verdicts.join('; '),
    );
    assert.ok((await page.locator('#url-times tbody tr').count()) > 0);
    await page.getByLabel('overlaid').check();
    assert.equal(await page.locator('.run-picture').count(), 1);
    await painted(page, 'blocked', ({ count }) => count > 500, '.run-picture canvas');
    assert.deepEqual(complaints, []);
  });

  test('have threads of their own: what was selected in one is not in the other', async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, SLOW, FAST));
    await page.locator('#tab-threads').click();
    await page.locator('#lanes').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.block-details').waitFor();
    await page.getByRole('radio', { name: /^B/ }).check();
    await page.locator('.block-details').waitFor({ state: 'detached' });
    await page.locator('#lanes').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.block-details').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('have no tab where there is one run', async (t) => {
    const { page } = await openPage(t, await pageOf(t, SLOW));
    assert.equal(await page.locator('#tab-runs').count(), 0);
  });
});
