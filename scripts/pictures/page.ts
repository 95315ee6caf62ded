/** The pictures of docs/view.md: pages of recorded traces in Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { version } from '../../src/package/index.ts';
import { writePage } from '../../src/page/index.ts';
import { readTrace } from '../../src/trace/index.ts';

const CASES = 'test/traces/cases';
const SLOW = `${CASES}/py27-grequests-pyopenssl.slow.jsonl.zst`;
const FAST = `${CASES}/py27-grequests-pyopenssl.fast.jsonl.zst`;

interface Picture {
  readonly name: string;
  readonly traces: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
  /** What a person does before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'view-slow', traces: [SLOW], width: 1600, height: 1160, dark: false, act: pickBlocked },
  { name: 'view-two-runs', traces: [SLOW, FAST], width: 1600, height: 1340, dark: true },
  {
    name: 'view-threads',
    traces: [SLOW],
    width: 1600,
    height: 900,
    dark: true,
    act: openTab('threads'),
  },
  {
    name: 'view-environment',
    traces: [SLOW, FAST],
    width: 1600,
    height: 1000,
    dark: false,
    act: openTab('environment'),
  },
  { name: 'view-narrow', traces: [SLOW], width: 360, height: 1500, dark: true },
  { name: 'view-narrow-light', traces: [SLOW], width: 360, height: 1500, dark: false, act: openTab('table') },
];

/** Writes docs/pictures/view-*.png. */
export async function pagePictures(): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
  const folder = mkdtempSync(join(tmpdir(), 'abreast-pictures-'));
  try {
    for (const picture of PICTURES) await take(picture, browser, join(folder, 'page.html'));
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

async function take({ name, traces, width, height, dark, act }: Picture, browser: Browser, file: string) {
  const runs = traces.map(async (trace) => ({
    name: basename(trace),
    verdict: (await judgeTrace(trace)).verdict,
    open: () => readTrace(trace),
  }));
  await writePage(file, await Promise.all(runs), version());
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('main:not([aria-busy="true"])');
  await act?.(page);
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: `docs/pictures/${name}.png` });
  await page.close();
  console.log(`docs/pictures/${name}.png`);
}

/** Bars are painted in the frames after a change. */
const SETTLED_MS = 500;

function openTab(id: string) {
  return (page: Page) => page.locator(`#tab-${id}`).click();
}

/** As a stranger would: the longest blocked segment. */
async function pickBlocked(page: Page): Promise<void> {
  await page.locator('#waterfall').focus();
  await page.keyboard.press('b');
}
