import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { duration, judgeTrace, shortNumber, type Verdict } from '../../src/diagnose/index.ts';
import { type Exchange, readTrace, type TraceRecord } from '../../src/trace/index.ts';
import { temporaryFolder } from '../folder.ts';
import { closeBrowser, isAbout, NO_BROWSER, openPage, pageOf } from './browser.ts';

after(closeBrowser);

/** The table as it is read: for each row the text of its cells, by the title of the column. */
async function tableIn(page: Page): Promise<Record<string, string>[]> {
  await page.locator('#tab-table').click();
  return page.evaluate(`(() => {
    const textOf = (cell) => cell.textContent.replace(/ [↑↓]$/, '').replaceAll(',', '');
    const titles = [...document.querySelectorAll('.exchanges thead th')].map(textOf);
    return [...document.querySelectorAll('.exchanges tbody tr')].map((row) =>
      Object.fromEntries([...row.cells].map((cell, at) => [titles[at], textOf(cell)])));
  })()`);
}

/** The two numbers, the times, and the first cause are those of the verdict. */
async function compareVerdict(page: Page, verdict: Verdict): Promise<void> {
  const figures = Object.fromEntries(
    (await page.locator('.figure').allInnerTexts()).map((text) => text.split('\n').filter(Boolean)),
  );
  const { inFlight, funnel, wallMs, causes } = verdict;
  assert.equal((await page.textContent('h1'))!.replaceAll('\u00a0', ' '), verdict.verdict);
  assert.equal(figures['in flight, on average'], shortNumber(inFlight.mean), JSON.stringify(figures));
  assert.equal(
    figures['wanted, on average'],
    funnel.wanted === null ? undefined : shortNumber(funnel.wanted),
  );
  assert.equal(figures.taken, duration(1e3 * wallMs));
  const [cause] = causes;
  const text = await page.locator('.why').innerText();
  if (cause === undefined) assert.match(text, /^(There|No cause)/);
  else
    for (const said of [cause.text, cause.fix ?? '', cause.confidence, cause.from?.module ?? ''])
      assert.ok(
        text.replaceAll(/\s+/g, ' ').includes(said.replaceAll('`', '').replaceAll(/\s+/g, ' ')),
        said,
      );
}

/** Whether the page has a replay whose time is long enough to be compared. */
function canBeFaster({ replay, exchanges, possibleWallMs }: Verdict): boolean {
  return replay !== null && exchanges >= 2 && possibleWallMs! >= 10;
}

/** Every n-th recorded trace: 20 of them. */
const CASES = globSync('test/traces/cases/*.jsonl.zst').sort();
const TWENTY = CASES.filter((_, at) => at % Math.floor(CASES.length / 20) === 0).slice(0, 20);

async function exchangesOf(trace: string): Promise<readonly Exchange[]> {
  const found: Exchange[] = [];
  for await (const batch of await readTrace(trace))
    found.push(...batch.filter((record) => record.kind === 'exchange'));
  return found;
}

const sorted = (texts: readonly string[]) => texts.toSorted();
const inMs = (us: number) => (us <= 0 ? '' : (us / 1_000).toFixed(1));

for (const trace of TWENTY)
  test(`the page has what trace and verdict say: ${basename(trace)}`, { skip: NO_BROWSER }, async (t) => {
    const { page, complaints } = await openPage(t, await pageOf(t, trace));
    const { verdict } = await judgeTrace(trace);
    await compareVerdict(page, verdict);
    if (canBeFaster(verdict)) {
      const said = (await page.textContent('#what-if-wall'))!;
      assert.ok(isAbout(said, verdict.possibleWallMs!), `${said}, not ${verdict.possibleWallMs} ms`);
    }
    const rows = await tableIn(page);
    const exchanges = await exchangesOf(trace);
    const shown = verdict.served.length > 0 ? verdict.exchanges : exchanges.length;
    assert.equal(rows.length, Math.min(100, shown));
    assert.deepEqual(complaints, []);
    // Of a server, what its load generator sent is left out.
    if (exchanges.length > 100 || verdict.served.length > 0) return;
    assert.deepEqual(
      sorted(rows.map(({ request }) => request!.replace(/^[A-Z]+ /, ''))),
      sorted(exchanges.map(({ url, origin }) => (url ?? origin).replaceAll(',', ''))),
    );
    // Clocks of recorders differ by a little: of those whose steps came in order, the numbers are those of the trace.
    const whole = exchanges.filter(({ dispatchedUs, connectedUs, sentUs, answeredUs, readUs }) => {
      const steps = [dispatchedUs, connectedUs, sentUs, answeredUs, readUs].filter(
        (us) => typeof us === 'number',
      );
      return (
        typeof sentUs === 'number' &&
        typeof answeredUs === 'number' &&
        `${steps}` === `${steps.toSorted((a, b) => a - b)}`
      );
    });
    const server = sorted(rows.map((row) => row.server!));
    for (const { sentUs, answeredUs } of whole)
      assert.ok(server.includes(inMs(answeredUs! - sentUs!)), `${sentUs} to ${answeredUs}`);
  });

test('the rows of the table are sorted, filtered and turned to pages, and lead to the time line', {
  skip: NO_BROWSER,
}, async (t) => {
  const trace = join(temporaryFolder(t), 'many.jsonl');
  writeFileSync(trace, manyExchanges(250));
  const { page, complaints } = await openPage(t, await pageOf(t, trace));
  const requests = async () => (await tableIn(page)).map(({ request }) => request!.split('?')[1]!);

  const first = await requests();
  assert.deepEqual([first.length, first[0], first[99]], [100, 'n=0', 'n=99']);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  const last = await requests();
  assert.deepEqual([last.length, last[0], last[49]], [50, 'n=200', 'n=249']);
  assert.ok(await page.getByRole('button', { name: 'Next' }).isDisabled());

  await page.getByRole('button', { name: 'server' }).click();
  assert.deepEqual((await requests()).slice(0, 3), ['n=249', 'n=248', 'n=247']);
  assert.equal(await page.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
  await page.getByRole('button', { name: 'server' }).click();
  assert.deepEqual((await requests()).slice(0, 3), ['n=0', 'n=1', 'n=2']);
  assert.equal(await page.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');

  await page.locator('#filter-text').fill('n=24');
  await page.getByText('11 of 250 exchanges').waitFor();
  assert.deepEqual(await requests(), ['n=24', ...Array.from({ length: 10 }, (_, at) => `n=${240 + at}`)]);

  await page.getByRole('rowheader', { name: 'n=245' }).getByRole('button').click();
  assert.equal(await page.locator('[role=tab][aria-selected=true]').textContent(), 'Time line');
  assert.match((await page.getByLabel('Selected exchange').innerText())!, /n=245/);
  assert.deepEqual(complaints, []);
});

test('the table, and what else shows one run, shows either of two', { skip: NO_BROWSER }, async (t) => {
  const folder = temporaryFolder(t);
  const traces = [3, 5].map((count) => join(folder, `${count}.jsonl`));
  writeFileSync(traces[0]!, manyExchanges(3));
  writeFileSync(traces[1]!, manyExchanges(5));
  const { page, complaints } = await openPage(t, await pageOf(t, ...traces));
  assert.equal((await tableIn(page)).length, 3);
  await page.locator('#filter-text').fill('n=2');
  await page.getByRole('radio', { name: /^B / }).check();
  assert.equal((await tableIn(page)).length, 5, 'the filter was of the other run');
  await page.locator('#tab-timeline').click();
  assert.match(await page.locator('.count').innerText(), /^5 exchanges/);
  await page.getByRole('radio', { name: /^A / }).check();
  assert.match(await page.locator('.count').innerText(), /^3 exchanges/);
  assert.deepEqual(complaints, []);
});

/** One after another; each takes longer than the one before it. */
function manyExchanges(count: number): string {
  const records: TraceRecord[] = [
    {
      kind: 'run',
      version: 2,
      startedUs: 0,
      command: ['program'],
      recorders: [{ name: 'test', version: '1', sees: ['wantedUs', 'sentUs', 'answeredUs', 'readUs'] }],
    },
    ...Array.from({ length: count }, (_, n): TraceRecord => {
      const sentUs = n * 1_000_000;
      return {
        kind: 'exchange',
        id: n,
        origin: 'https://example.com',
        url: `https://example.com/?n=${n}`,
        wantedUs: n,
        sentUs,
        answeredUs: sentUs + 1_000 * (n + 1),
        readUs: sentUs + 1_000 * (n + 2),
        status: 200,
      };
    }),
    { kind: 'end', endedUs: count * 1_000_000, lost: {} },
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
}
