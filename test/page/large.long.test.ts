import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { count } from '../../src/diagnose/index.ts';
import { temporaryFolder } from '../folder.ts';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';
import { writeTrace } from './get-trace.ts';
import { firstPictureMs, heapOf, pan } from './measures.ts';

after(closeBrowser);

/** Notes each part of the trace that the page says it has read. */
const NOTES_PROGRESS = `globalThis.parts = new Set();
new MutationObserver(() => {
  const progress = document.querySelector('.progress progress');
  if (progress !== null) parts.add(progress.value);
}).observe(document, { subtree: true, childList: true, attributes: true });`;

/** Not what is aimed at (8 ms, 1 s), which an idle machine has: on a busy one, all is slower. */
const MOST_FRAME_MS = 50;
const MOST_FIRST_MS = 30_000;

for (const [exchanges, mostBytes, mostHeapMb] of [
  [10_000, 1e6, 100],
  [100_000, 10e6, 200],
] as const)
  test(`a page of ${exchanges} exchanges is small, says that it is reading, shows all, and is panned in short frames`, {
    skip: NO_BROWSER,
  }, async (t) => {
    const trace = join(temporaryFolder(t), 'trace.jsonl');
    await writeTrace(trace, exchanges);
    const file = await pageOf(t, trace);
    const bytes = statSync(file).size;
    assert.ok(bytes < mostBytes, `${bytes} bytes`);

    const { page, complaints } = await openPage(t, file, { before: NOTES_PROGRESS });
    const verdictMs = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
    );
    const firstMs = await firstPictureMs(page);
    assert.ok(firstMs < MOST_FIRST_MS);
    assert.match(await page.locator('.count').innerText(), new RegExp(`^${count(exchanges)} exchanges`));
    if (exchanges >= 100_000)
      assert.ok((await page.evaluate<number>('parts.size')) > 3, 'no progress was shown');
    const heapMb = await heapOf(page);
    assert.ok(heapMb < mostHeapMb, `${heapMb} MB of heap`);
    t.diagnostic(
      `${exchanges} exchanges: ${(bytes / 1e6).toFixed(2)} MB, verdict after ${Math.round(verdictMs)} ms, the first picture after ${Math.round(firstMs)} ms, ${Math.round(heapMb)} MB of heap`,
    );

    for (const rows of ['exchange', 'connection']) {
      await page.getByLabel('Row').selectOption(rows);
      const frames = (await pan(page)).toSorted((a, b) => a - b);
      const p = (share: number) => frames[Math.floor(frames.length * share)]!;
      t.diagnostic(
        `${exchanges} exchanges, rows by ${rows}: CPU time of JavaScript for a frame of panning ${p(0.5).toFixed(1)} ms (p50), ${p(0.95).toFixed(1)} ms (p95)`,
      );
      assert.ok(p(0.95) < MOST_FRAME_MS, `p95 ${p(0.95)} ms`);
    }
    assert.deepEqual(complaints, []);
  });
