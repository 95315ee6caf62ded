import assert from 'node:assert/strict';
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import { count } from '../../src/diagnose/index.ts';
import type { TraceRecord } from '../../src/trace/index.ts';
import { temporaryFolder } from '../folder.ts';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';

after(closeBrowser);

/** A trace like that of `abreast get`: 100 connections, and times that no two exchanges share. */
async function writeTrace(file: string, exchanges: number): Promise<void> {
  await pipeline(Readable.from(linesOf(exchanges)), createWriteStream(file));
}

const CONNECTIONS = 100;

function* linesOf(exchanges: number): Generator<string> {
  const origin = 'https://api.example.com';
  const random = randomNumbers();
  const freeUs = new Float64Array(CONNECTIONS);
  const line = (record: TraceRecord) => `${JSON.stringify(record)}\n`;
  yield line({
    kind: 'run',
    version: 2,
    startedUs: 1_700_000_000_000_000,
    command: ['abreast', 'get', '-f', 'urls.txt'],
    recorders: [
      { name: 'abreast get', version: '1', sees: ['wanted', 'dispatched', 'sent', 'answered', 'read'] },
    ],
    wanted: CONNECTIONS,
  });
  for (let id = 0; id < CONNECTIONS; id++)
    yield line({ kind: 'connection', id, origin, protocol: 'http/1.1' });
  for (let id = 0; id < exchanges; id++) {
    const connection = id % CONNECTIONS;
    const wantedUs = freeUs[connection]!;
    const sentUs = wantedUs + Math.round(random() * 300);
    const answeredUs = sentUs + Math.round(20_000 + random() * 80_000);
    const readUs = answeredUs + Math.round(random() * 2_000);
    freeUs[connection] = readUs + Math.round(random() * 200);
    yield line({
      kind: 'exchange',
      id,
      request: id,
      attempt: 1,
      pid: 4242,
      connection,
      ordinal: Math.floor(id / CONNECTIONS),
      method: 'GET',
      origin,
      url: `${origin}/items/${Math.floor(random() * 1e9)}`,
      wantedUs,
      calledUs: wantedUs,
      dispatchedUs: wantedUs,
      connectedUs: sentUs,
      sentUs,
      answeredUs,
      readUs,
      status: 200,
      bytesDown: Math.round(random() * 50_000),
    });
  }
  yield line({ kind: 'end', endedUs: Math.max(...freeUs), lost: {} });
}

/** The same ones each time (mulberry32). */
function randomNumbers(): () => number {
  let state = 13;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Notes each part of the trace that the page says it has read. */
const NOTES_PROGRESS = `globalThis.parts = new Set();
new MutationObserver(() => {
  const progress = document.querySelector('.progress progress');
  if (progress !== null) parts.add(progress.value);
}).observe(document, { subtree: true, childList: true, attributes: true });`;

for (const [exchanges, mostBytes, mostHeapBytes] of [
  [10_000, 1e6, 100e6],
  [100_000, 10e6, 200e6],
] as const)
  test(`a page of ${exchanges} exchanges is small, says that it is reading, and shows all of them`, {
    skip: NO_BROWSER,
  }, async (t) => {
    const trace = join(temporaryFolder(t), 'trace.jsonl');
    await writeTrace(trace, exchanges);
    const file = await pageOf(t, trace);
    const bytes = statSync(file).size;
    assert.ok(bytes < mostBytes, `${bytes} bytes`);

    const startedMs = performance.now();
    const { page, complaints } = await openPage(t, file, { before: NOTES_PROGRESS });
    const readMs = performance.now() - startedMs;
    const firstMs = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
    );
    assert.match(await page.locator('.count').innerText(), new RegExp(`^${count(exchanges)} exchanges`));
    if (exchanges >= 100_000)
      assert.ok((await page.evaluate<number>('parts.size')) > 3, 'no progress was shown');
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    assert.ok(usedSize < mostHeapBytes, `${usedSize} bytes of heap`);
    assert.deepEqual(complaints, []);
    t.diagnostic(
      `${exchanges} exchanges: ${(bytes / 1e6).toFixed(2)} MB, verdict after ${Math.round(firstMs)} ms, all read after ${Math.round(readMs)} ms, ${Math.round(usedSize / 1e6)} MB of heap`,
    );
  });
