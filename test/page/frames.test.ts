import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { temporaryFolder } from '../folder.ts';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';

after(closeBrowser);

const SLOTS = 200;

/** Writes what `get` writes of so many requests, 200 at a time. */
async function writeTrace(path: string, exchanges: number): Promise<void> {
  const out = createWriteStream(path);
  const put = (record: object) => out.write(`${JSON.stringify(record)}\n`);
  const sees = ['wantedUs', 'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs', 'readUs'];
  const recorders = [{ name: 'abreast get', version: '0.1.0', sees }];
  put({ kind: 'run', version: 2, startedUs: 0, command: ['abreast', 'get'], recorders, wanted: SLOTS });
  const freeUs = new Float64Array(SLOTS);
  for (let id = 1; id <= exchanges; id++) {
    const slot = id % SLOTS;
    const wantedUs = freeUs[slot]!;
    const sentUs = wantedUs + 200 + ((id * 31) % 400);
    const answeredUs = sentUs + 10_000 + ((id * 7_919) % 50_000);
    const readUs = answeredUs + ((id * 131) % 4_000);
    freeUs[slot] = readUs;
    const origin = 'https://api.example.test';
    const steps = { wantedUs, dispatchedUs: wantedUs + 100, connectedUs: sentUs, sentUs, answeredUs, readUs };
    put({ kind: 'exchange', id, connection: slot, origin, url: `${origin}/${id}`, status: 200, ...steps });
  }
  put({ kind: 'end', endedUs: Math.max(...freeUs), lost: {} });
  out.end();
  await finished(out);
}

/** Not what is aimed at (8 ms, 1 s), which an idle machine has: on a busy one, all is slower. */
const MOST_FRAME_MS = 50;
const MOST_FIRST_MS = 30_000;
const MOST_HEAP_MB = 200;

test('100,000 exchanges are panned in short frames, and 10,000 are seen soon', {
  skip: NO_BROWSER,
}, async (t) => {
  for (const exchanges of [10_000, 100_000]) {
    const trace = join(temporaryFolder(t), 'trace.jsonl');
    await writeTrace(trace, exchanges);
    const { page, complaints } = await openPage(t, await pageOf(t, trace));
    const firstMs = await firstPictureOf(page);
    t.diagnostic(`${exchanges} exchanges: the first picture after ${firstMs.toFixed(0)} ms`);
    assert.ok(firstMs < MOST_FIRST_MS);
    const heapMb = await heapOf(page);
    t.diagnostic(`${exchanges} exchanges: ${heapMb.toFixed(0)} MB of heap`);
    assert.ok(heapMb < MOST_HEAP_MB);
    for (const rows of ['exchange', 'connection']) {
      await page.getByLabel('Row').selectOption(rows);
      const frames = await pan(page);
      const p = (share: number) => frames.toSorted((a, b) => a - b)[Math.floor(frames.length * share)]!;
      t.diagnostic(
        `${exchanges} exchanges, rows by ${rows}: CPU time of JavaScript for a frame of panning ${p(0.5).toFixed(1)} ms (p50), ${p(0.95).toFixed(1)} ms (p95)`,
      );
      assert.ok(p(0.95) < MOST_FRAME_MS, `p95 ${p(0.95)} ms`);
    }
    assert.deepEqual(complaints, []);
  }
});

/** When the waterfall was first painted, in milliseconds since the page was opened. */
async function firstPictureOf(page: Page): Promise<number> {
  for (;;) {
    const atMs = await page.evaluate<number | null>(
      `performance.getEntriesByName('waterfall')[0]?.startTime ?? null`,
    );
    if (atMs !== null) return atMs;
    await page.waitForTimeout(20);
  }
}

/** What the page keeps in memory. */
async function heapOf(page: Page): Promise<number> {
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('HeapProfiler.collectGarbage');
  const { usedSize } = await chromium.send('Runtime.getHeapUsage');
  await chromium.detach();
  return usedSize / 1_000_000;
}

/** In the page: turns the wheel over the middle of the waterfall, and waits until that is painted. */
const WHEEL = `async (options) => {
  const area = document.querySelector('#waterfall canvas');
  const { width, height } = area.getBoundingClientRect();
  const event = new WheelEvent('wheel', { bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, 'offsetX', { value: width / 2 });
  Object.defineProperty(event, 'offsetY', { value: height / 2 });
  area.dispatchEvent(event);
  await new Promise((resolve) => requestAnimationFrame(resolve));
}`;
const FRAMES = 100;

/** Zooms in, then pans: gives the CPU time of JavaScript for each frame, its event included, in milliseconds. */
async function pan(page: Page): Promise<readonly number[]> {
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('Performance.enable', { timeDomain: 'threadTicks' });
  const scriptMs = async (): Promise<number> => {
    const { metrics } = await chromium.send('Performance.getMetrics');
    return 1_000 * metrics.find(({ name }) => name === 'ScriptDuration')!.value;
  };
  await page.evaluate(`(${WHEEL})({ deltaY: -900, ctrlKey: true })`);
  await page.waitForTimeout(500);
  const measured: number[] = [];
  let before = await scriptMs();
  for (let frame = 0; frame < FRAMES; frame++) {
    await page.evaluate(`(${WHEEL})({ deltaX: ${frame < FRAMES / 2 ? 23 : -23} })`);
    const after = await scriptMs();
    measured.push(after - before);
    before = after;
  }
  await chromium.detach();
  return measured;
}
