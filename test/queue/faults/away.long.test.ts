import assert from 'node:assert/strict';
import { ChunkQueue } from '../../../src/queue/jobs/chunk-queue.ts';
import { report, until, worker } from '../runs.ts';
import { onBoth, open } from '../servers.ts';
import { setUp } from './many.ts';

onBoth('a server that dies while chunks are added ends no process', async (t, daemon) => {
  const server = await open(t, daemon);
  const queue = new ChunkQueue(server);
  let added = 0;
  const adding = Array.from({ length: 4 }, async (_, worker) => {
    for (let chunk = 0; ; chunk++) {
      const jobs = Array.from({ length: 50 }, (_, i) => ({
        run: `r${worker}`,
        request: 'items',
        chunk: 50 * chunk + i,
        round: 1,
        storage: '/parts',
      }));
      await queue.add(jobs);
      added++;
    }
  });
  const ends = Promise.allSettled(adding);
  await until(() => added > 4);
  await daemon.kill();
  const isOn = (url: string) => daemon.url.startsWith(url);
  // BullMQ's client of Redis waits until it is back.
  if (isOn('postgres')) for (const { status } of await ends) assert.equal(status, 'rejected');
  void queue.close().catch(() => {});
});

onBoth('a report and a worker that are stopped while the server is away end', async (t, daemon) => {
  const { site, report: it } = await setUp(t);
  site.delayMs = 30;
  const told: string[] = [];
  const working = worker(t, daemon.url);
  const { run } = await report(t, it, daemon.url, { tell: (text) => told.push(text) });
  await until(() => working.progress().rows > 0);
  await daemon.kill();
  await until(() => told.some((text) => /can't be reached/.test(text)));
  run.stop('SIGTERM');
  working.stop();
  const { exitCode, requests } = await run.finished;
  assert.equal(exitCode, 3);
  await working.finished;
  assert.ok(requests[0]!.done > 0, 'what was fetched is home');
});
