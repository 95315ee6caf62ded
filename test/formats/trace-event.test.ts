import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, NO_BROWSER } from '../page/browser.ts';
import { exchangesIn, exportedText, exportOf, steps, TRACES, traceOf } from './exported.ts';

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

async function eventsOf(trace: string): Promise<readonly TraceEvent[]> {
  return JSON.parse(await exportedText(trace, '.json')).traceEvents;
}

const of = (events: readonly TraceEvent[], ph: string, name?: string) =>
  events.filter((event) => event.ph === ph && (name === undefined || event.name === name));

describe('a trace as Trace Event JSON', () => {
  for (const trace of TRACES) {
    it(`of ${basename(trace)}: slices of a track lie in each other or beside each other, as viewers demand`, async () => {
      const events = await eventsOf(trace);
      const tracks = Map.groupBy(of(events, 'X'), ({ pid, tid }) => `${pid} ${tid}`);
      assert.ok(tracks.size > 0);
      for (const slices of tracks.values()) {
        const open: number[] = [];
        for (const { ts, dur } of slices.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)) {
          while (open.length > 0 && open.at(-1)! <= ts) open.pop();
          assert.ok(
            open.length === 0 || ts + dur <= open.at(-1)!,
            `${ts} + ${dur} ends after ${open.at(-1)}`,
          );
          open.push(ts + dur);
        }
      }
      const named = new Set(of(events, 'M', 'thread_name').map(({ pid, tid }) => `${pid} ${tid}`));
      assert.deepEqual(
        [...tracks.keys()].filter((track) => !named.has(track)),
        [],
      );
    });

    it(`of ${basename(trace)}: each request begins and ends once, and counters end at 0`, async () => {
      const events = await eventsOf(trace);
      const requests = Map.groupBy([...of(events, 'b'), ...of(events, 'e')], ({ id }) => id);
      assert.equal(requests.size, (await exchangesIn(trace)).length);
      for (const pair of requests.values()) assert.equal(of(pair, 'b').length, of(pair, 'e').length);
      for (const name of ['wanted', 'dispatched', 'connected', 'in flight'])
        assert.equal(of(events, 'C', name).at(-1)!.args!.requests, 0, name);
    });
  }

  it('counts what was in flight, to the most there was', async () => {
    const events = await eventsOf(
      traceOf([
        steps([0, 0, 0, 1, 4, 5]),
        steps([0, 0, 0, 2, 4, 5], { id: 2 }),
        steps([0, 5, 5, 5, 8, 9], { id: 3 }),
      ]),
    );
    const levels = (name: string) =>
      of(events, 'C', name).map(({ ts, args }) => [ts / 1_000, args!.requests]);
    assert.deepEqual(levels('in flight'), [
      [1, 1],
      [2, 2],
      [5, 1],
      [9, 0],
    ]);
    assert.deepEqual(levels('wanted'), [
      [0, 3],
      [5, 1],
      [9, 0],
    ]);
  });

  it('has streams of one connection in rows of their own, and a blocked request named as such', async () => {
    const connection = { kind: 'connection', id: 1, origin: 'https://example.com', protocol: 'h2' } as const;
    const events = await eventsOf(
      traceOf([
        connection,
        steps([0, 0, 1, 3, 8, 9], { connection: 1, ordinal: 0 }),
        steps([0, 0, 2, 2, 8, 9], { id: 2, connection: 1, ordinal: 1 }),
      ]),
    );
    assert.deepEqual(
      of(events, 'M', 'thread_name').map(({ args }) => args!.name),
      ['connection 1 https://example.com', 'connection 1 https://example.com (2)'],
    );
    const [blocked] = of(events, 'X', 'blocked before it was sent');
    assert.deepEqual([blocked!.ts, blocked!.dur], [1_000, 2_000]);
  });

  it('has what threads waited for, in the frames of its stack, the outermost first', async () => {
    const frames = [
      { file: '/lib/http.py', line: 3, function: 'recv' },
      { file: '/app/slow.py', line: 10 },
    ];
    const wait = { kind: 'read', call: 'recv' } as const;
    const events = await eventsOf(
      traceOf([
        { kind: 'stack', id: 5, frames },
        { kind: 'block', pid: 9, thread: 10, fromUs: 1, toUs: 5, wait, stack: 5 },
      ]),
    );
    assert.deepEqual(
      of(events, 'X').map(({ pid, ts, dur, name }) => [pid, ts, dur, name]),
      [
        [9, 1, 4, '/app/slow.py:10'],
        [9, 1, 4, 'recv /lib/http.py:3'],
        [9, 1, 4, 'read: recv'],
      ],
    );
  });

  it('folds the counters of a long run to 20,000 changes that keep the highest level', async () => {
    const exchanges = Array.from({ length: 30_000 }, (_, at) =>
      steps([at, at, at, at, at, at + 1.5], { id: at + 1 }),
    );
    const events = await eventsOf(traceOf(exchanges, { end: { endedUs: 40_000_000 } }));
    const counters = of(events, 'C', 'in flight');
    assert.ok(counters.length <= 20_002, `${counters.length}`);
    assert.equal(Math.max(...counters.map(({ args }) => args!.requests as number)), 2);
  });
});

describe('Trace Event JSON in speedscope', { skip: NO_BROWSER }, () => {
  let browser: Browser | undefined;
  after(() => browser?.close());

  it("opens in speedscope's own page: a profile for each track, and a file that is none is refused", async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-first-run'] });
    const page = await (await browser.newContext({ offline: true })).newPage();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      return dialog.dismiss();
    });
    const speedscope = join(import.meta.dirname, '../../node_modules/speedscope/dist/release/index.html');
    for (const trace of TRACES.slice(3, 5)) {
      const file = await exportOf(trace, '.json');
      await page.goto(pathToFileURL(speedscope).href);
      await page.setInputFiles('input[type=file]', file);
      // A profile for each track, and the first one is shown.
      const name = basename(file);
      while (!(await page.title()).includes(name)) {
        assert.deepEqual(dialogs, []);
        await page.waitForTimeout(50);
      }
      const [, tracks] = /\(1\/(\d+)\)/.exec(await page.innerText('body'))!;
      assert.equal(Number(tracks), of(await eventsOf(trace), 'M', 'thread_name').length);
    }
    await page.goto(pathToFileURL(speedscope).href);
    await page.setInputFiles('input[type=file]', {
      name: 'none.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"a":1}'),
    });
    while (dialogs.length === 0) await page.waitForTimeout(50);
    assert.match(dialogs[0]!, /Unrecognized format/);
  });
});
