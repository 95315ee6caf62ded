import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { Body } from '../../../src/fetch/bodies/body.ts';
import { BodyBudget } from '../../../src/fetch/bodies/body-budget.ts';
import { imap, type Result, startRun } from '../../../src/fetch/index.ts';
import { bodyMemory } from '../memory.ts';
import { listening, testServer, times } from '../servers.ts';

const bytes = Buffer.alloc(1000);

function bodies(maxMemory: number) {
  const memory = bodyMemory(10_000, maxMemory);
  const resumed: string[] = [];
  const body = (name: string) => {
    const made = new Body(memory);
    return { made, waits: () => made.mustWait(() => resumed.push(name)) };
  };
  return { body, resumed };
}

test('a body waits while all memory is spent, and goes on when another is gone', () => {
  const { body, resumed } = bodies(1500);
  const [a, b] = [body('a'), body('b')];
  a.made.add(bytes, 0, 1000);
  assert.equal(a.waits(), false);
  b.made.add(bytes, 0, 1000);
  a.made.leaves();
  assert.equal(b.waits(), true);
  a.made.release();
  assert.deepEqual(resumed, ['b']);
});

test('bodies that are all half read do not wait for each other for ever: one goes on', () => {
  const { body, resumed } = bodies(1500);
  const [a, b, c] = [body('a'), body('b'), body('c')];
  for (const { made } of [a, b, c]) made.add(bytes, 0, 1000);
  assert.deepEqual([a.waits(), b.waits(), c.waits()], [false, true, true]);
  a.made.leaves();
  assert.deepEqual(resumed, [], 'what is on its way out frees memory first');
  a.made.handOver();
  assert.deepEqual(resumed, ['b']);
  b.made.release();
  assert.deepEqual(resumed, ['b', 'c']);
});

/** The answers that wait for memory, as they come and go. */
function watchWaiting(t: TestContext): ReadonlySet<object> {
  const waiting = new Set<object>();
  const { mustWait } = BodyBudget.prototype;
  t.mock.method(
    BodyBudget.prototype,
    'mustWait',
    function (this: BodyBudget, answer: object, resume: () => void) {
      const waits = mustWait.call(this, answer, () => {
        waiting.delete(answer);
        resume();
      });
      if (waits) waiting.add(answer);
      return waits;
    },
  );
  return waiting;
}

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`a server has no time-out for what we do not read, over ${protocol}`, async (t) => {
    const server = await testServer(t);
    const urls = times(8, (i) => `${server.httpsUrl}/bytes/3000000?seed=${i}`);
    const waiting = watchWaiting(t);
    const { now } = performance;
    const lengths: number[] = [];
    const sink = {
      borrows: true,
      // The first one is slow to take, and all others wait for its memory: an hour, by the clock of the run.
      async result({ body, error }: Result) {
        assert.equal(error, null);
        if (lengths.push(body!.length) > 1) return;
        while (waiting.size < 7 && lengths.length === 1) await sleep(10);
        t.mock.method(performance, 'now', () => now.call(performance) + 3_600_000);
        await sleep(1000);
      },
    };
    const options = { maxMemory: 1_000_000, retries: 0, protocol, concurrency: 8, tls: { insecure: true } };
    await startRun(urls, sink, options).finished;
    assert.deepEqual(
      lengths,
      times(8, () => 3_000_000),
    );
  });

test('a sink that fails ends the run, also while an answer that is decoded waits for memory', async (t) => {
  const server = await testServer(t);
  const waiting = watchWaiting(t);
  let count = 0;
  const sink = {
    async result() {
      if (count++ > 0) return;
      while (waiting.size === 0) await sleep(10);
      throw new Error('disk full');
    },
  };
  const urls = times(2, (i) => `${server.httpUrl}/fault/gzip-bomb?megabytes=20&i=${i}`);
  const { finished } = startRun(urls, sink, { maxMemory: 1_000_000, concurrency: 2 });
  await assert.rejects(finished, /disk full/);
});

test('imap holds no more bodies that nobody takes than its memory allows', async (t) => {
  const server = await testServer(t);
  const urls = times(60, (i) => `${server.httpUrl}/bytes/1000000?seed=${i}`);
  let taken = 0;
  for await (const { body } of imap(urls, { maxMemory: 10_000_000, concurrency: 5 })) {
    assert.equal(body!.length, 1_000_000);
    if (++taken > 1) continue;
    await sleep(1000);
    assert.ok(server.stats().requests <= 20, `${server.stats().requests} requests`);
  }
  assert.equal(taken, 60);
});

/** Gzipped bodies of so many megabytes each; what the process took at most, and how many are good. */
async function fetchGzipped(t: TestContext, count: number, megabytes: number, options: object) {
  const body = zlib.gzipSync(Buffer.alloc(megabytes * 1024 * 1024, 'json'));
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
  const answer = Buffer.concat([Buffer.from(head), body]);
  const server = createServer((socket) =>
    socket.on('error', () => {}).on('data', () => socket.write(answer)),
  );
  const port = await listening(t, server);
  const before = process.memoryUsage().rss;
  let peak = 0;
  let good = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss - before);
  }, 10);
  t.after(() => clearInterval(sampler));
  const sink = {
    borrows: true,
    result: (result: { body: Buffer | null }) => {
      if (result.body?.length === megabytes * 1024 * 1024) good++;
    },
  };
  const urls = Array.from({ length: count }, (_, i) => `http://127.0.0.1:${port}/${i}`);
  const summary = await startRun(urls, sink, options).finished;
  return { good, peakMb: peak / 1024 / 1024, summary };
}

test('bodies that are decoded hold their slots: memory does not grow with their number', async (t) => {
  const { good, peakMb, summary } = await fetchGzipped(t, 60, 20, { concurrency: 2 });
  assert.equal(good, 60);
  assert.ok(peakMb < 400, `${peakMb} MB`);
  assert.ok(summary.proof.givenUpMs.decoding! > 0);
});

test('all bodies together stay near maxMemory, however many are in flight', async (t) => {
  const { good, peakMb } = await fetchGzipped(t, 40, 20, { concurrency: 40, maxMemory: 50_000_000 });
  assert.equal(good, 40);
  assert.ok(peakMb < 450, `${peakMb} MB`);
});
