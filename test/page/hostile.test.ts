import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TraceRecord } from '../../src/trace/index.ts';
import { temporaryFolder } from '../folder.ts';
import { closeBrowser, NO_BROWSER, openPage, pageOf } from './browser.ts';

after(closeBrowser);

/** What a URL, a header or a stack must not be able to do: become markup, code, or nothing at all. */
const HOSTILE = [
  '</script><script>window.hacked=1</script>',
  '<!--<script>window.hacked=1</script>-->',
  '"><img src=x onerror="window.hacked=1">',
  "';window.hacked=1;//`${window.hacked=1}`",
  '\u202egnp.exe\u2066\u200f',
  '\ud800 lone \udfff',
  '\u0000\u0007\u001b[31m\u2028\u2029\ufeff',
  'javascript:window.hacked=1',
  '&lt;b&gt;&#60;script&#62;',
  `long/${'x'.repeat(10_000)}`,
];

const AS_WIDE_AS_ITS_WINDOW = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';

/** A slow run in which every string is hostile that may be any. */
function hostileTrace(evil: string): string {
  const records: TraceRecord[] = [
    {
      kind: 'run',
      version: 2,
      startedUs: 1_700_000_000_000_000,
      command: [evil, evil],
      recorders: [{ name: evil, version: evil, sees: ['exchange', 'wantedUs', 'sentUs'], missed: evil }],
      host: { os: evil, kernel: evil, cpus: 2 },
    },
    { kind: 'process', pid: 1, startedUs: 0, argv: [evil, evil], exitCode: 0 },
    {
      kind: 'environment',
      pid: 1,
      language: evil,
      version: evil,
      modules: [{ name: evil, version: evil, where: evil }],
      patches: [
        {
          target: evil,
          by: evil,
          version: evil,
          replacement: evil,
          left: [evil],
          heldBy: [evil],
          at: `${evil}:1`,
        },
        { target: evil, by: evil, at: `${evil}:2` },
      ],
      limits: [{ kind: 'permits', size: 1, of: evil, setAt: `${evil}:3` }],
    },
    { kind: 'stack', id: 1, frames: [{ file: evil, line: 1, function: evil, self: evil }] },
    { kind: 'unit', id: 1, pid: 1, type: 'task', madeUs: 0, method: evil, route: evil },
    { kind: 'resource', id: 1, pid: 1, type: 'lock', name: evil, package: evil, capacity: 1, setAt: 1 },
    {
      kind: 'connection',
      id: 1,
      pid: 1,
      thread: 1,
      origin: evil,
      local: evil,
      remote: evil,
      socketClass: evil,
    },
    ...[0, 1, 2, 3].map((n): TraceRecord => {
      const atUs = n * 1_000_000;
      return {
        kind: 'exchange',
        id: n,
        request: n,
        pid: 1,
        thread: 1,
        unit: 1,
        connection: 1,
        ordinal: n,
        method: evil,
        origin: evil,
        url: evil,
        stack: 1,
        wantedUs: 0,
        dispatchedUs: 0,
        connectedUs: 0,
        sentUs: atUs,
        answeredUs: atUs + 900_000,
        ...(n === 3
          ? { failedUs: atUs + 1_000_000, error: evil }
          : { readUs: atUs + 1_000_000, status: 200 }),
      };
    }),
    {
      kind: 'block',
      pid: 1,
      thread: 1,
      fromUs: 0,
      toUs: 3_000_000,
      wait: { kind: 'poll', call: evil, connections: [1], descriptors: 1, resource: 1 },
      stack: 1,
    },
    { kind: 'note', atUs: 1, text: evil },
    { kind: 'end', endedUs: 4_000_000, exitCode: 0, lost: { dropped: 1 } },
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
}

test('hostile strings of a trace stay text, in every view', { skip: NO_BROWSER }, async (t) => {
  for (const evil of HOSTILE) {
    await t.test(JSON.stringify(evil).slice(0, 60), async (t) => {
      const trace = join(temporaryFolder(t), 'trace.jsonl');
      writeFileSync(trace, hostileTrace(evil));
      const file = await pageOf(t, trace);
      const html = readFileSync(file, 'utf8');
      assert.equal(html.match(/<script[\s>]/gi)!.length, 3, 'the verdict, the trace, and the app');
      const { page, complaints } = await openPage(t, file);
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        assert.equal(await page.evaluate('window.hacked'), undefined);
        assert.equal(await page.locator('main img, main script, main iframe, main b b').count(), 0);
        assert.ok((await page.locator('#view').innerText()).trim() !== '', 'a view that is empty');
      }
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      const links: string[] = await page.evaluate('[...document.links].map(({ href }) => href)');
      assert.deepEqual(
        links.filter((link) => !link.startsWith('https://')),
        [],
      );
      assert.ok(await page.evaluate(AS_WIDE_AS_ITS_WINDOW), 'wider than its window');
      assert.deepEqual(complaints, []);
    });
  }
});
