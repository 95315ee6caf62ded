import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { writePage } from '../../src/page/index.ts';
import { readTrace } from '../../src/trace/index.ts';
import { temporaryFolder } from '../folder.ts';

/** Debian's. */
export const CHROMIUM = '/usr/bin/chromium';

/** Why pages can't be opened here; false where they can. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM)
  ? false
  : 'needs chromium: scripts/system.sh chromium';

/** How a page is opened: 1600 by 900 pixels, light, where nothing else is said. */
export interface Opening {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** A script that runs before those of the page. */
  readonly before?: string;
}

/** A page in Chromium, without a network. */
export interface Opened {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests that left the page: a good page has none. */
  readonly complaints: readonly string[];
}

let browser: Promise<Browser> | undefined;

/** Opens an HTML file, and waits until it has read its traces. It is closed when the test is over. */
export async function openPage(t: TestContext, file: string, opening: Opening = {}): Promise<Opened> {
  browser ??= chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  });
  const { width = 1600, height = 900, dark = false } = opening;
  const context = await (await browser).newContext({
    offline: true,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  t.after(() => context.close());
  const page = await context.newPage();
  if (opening.before !== undefined) await page.addInitScript(opening.before);
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:'))
      complaints.push(`a request to ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector('main:not([aria-busy="true"])');
  return { page, complaints };
}

/** Waits, frame by frame, until an expression is true in the page. The deadline of the test ends a wait without end. */
export async function waitUntil(page: Page, expression: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => ((${expression}) ? resolve() : requestAnimationFrame(look));
    look();
  })`);
}

/** Closes the browser: in `after` of each file that opens pages. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Writes the page of traces into a folder of the test. @returns its path */
export async function pageOf(t: TestContext, ...traces: readonly string[]): Promise<string> {
  const path = join(temporaryFolder(t), 'page.html');
  const runs = traces.map(async (name) => ({
    name,
    verdict: (await judgeTrace(name)).verdict,
    open: () => readTrace(name),
  }));
  await writePage(path, await Promise.all(runs), '0.0.0');
  return path;
}

/** '4.4 s', '87 ms' in milliseconds. */
export function msOf(text: string): number {
  const [, number, unit] = /([\d.]+)\s*(ms|s)/.exec(text)!;
  return Number(number) * (unit === 's' ? 1_000 : 1);
}

/** Whether a page's figure is that of the verdict, as far as its digits go. */
export function isAbout(text: string, ms: number): boolean {
  return Math.abs(msOf(text) - ms) <= Math.max(0.06, 0.06 * ms);
}
