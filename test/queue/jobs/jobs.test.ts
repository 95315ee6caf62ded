import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChunkQueue } from '../../../src/queue/jobs/chunk-queue.ts';
import { ChunkTaker, type Taken } from '../../../src/queue/jobs/chunk-taker.ts';
import type { ChunkJob } from '../../../src/queue/jobs/job.ts';
import type { QueueServer } from '../../../src/queue/servers/server.ts';
import { type Ends, onBoth, open } from '../servers.ts';

const SHORT = { lockMs: 2000, stalledMs: 500, beatMs: 100, silentMs: 2000 };

const job = (chunk: number): ChunkJob => ({ run: 'r', request: 'items', chunk, round: 1, storage: '/parts' });

function queueOf(t: Ends, server: QueueServer): ChunkQueue {
  const queue = new ChunkQueue(server);
  t.after(() => queue.close());
  return queue;
}

function taker(t: Ends, server: QueueServer, work: (job: ChunkJob) => Promise<Taken>): ChunkTaker {
  const taker = new ChunkTaker(server, work, SHORT);
  t.after(() => taker.close());
  return taker;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

onBoth('each chunk is worked on once, however often it was added', async (t, daemon) => {
  const server = await open(t, daemon);
  const queue = queueOf(t, server);
  const worked: number[] = [];
  const work = async ({ chunk }: ChunkJob): Promise<Taken> => {
    worked.push(chunk);
    return 'done';
  };
  taker(t, server, work).resize(3);
  const jobs = Array.from({ length: 30 }, (_, chunk) => job(chunk));
  await queue.add(jobs.slice(0, 20));
  await queue.add(jobs.slice(10));
  taker(t, server, work);
  await until(async () => (await Promise.all(jobs.map((job) => queue.has(job)))).every((has) => !has));
  assert.deepEqual(
    worked.toSorted((a, b) => a - b).slice(0, 30),
    [...new Set(worked)].sort((a, b) => a - b),
  );
  assert.deepEqual(await queue.failed('r'), []);
});

onBoth('what one worker gives back is taken by another', async (t, daemon) => {
  const server = await open(t, daemon);
  const queue = queueOf(t, server);
  let given = 0;
  taker(t, server, async () => {
    given++;
    return 'later';
  });
  await queue.add([job(1)]);
  await until(() => given > 0);
  taker(t, server, async () => 'done');
  await until(async () => !(await queue.has(job(1))));
  assert.ok(given < 10, `it took the same chunk ${given} times`);
});

onBoth('a chunk that fails is tried again by others, a few times, and then says why', async (t, daemon) => {
  const server = await open(t, daemon);
  const queue = queueOf(t, server);
  let tried = 0;
  taker(t, server, async ({ chunk }) => {
    if (chunk === 2) return 'done';
    tried++;
    throw new Error('no such thing');
  });
  await queue.add([job(1), job(2)]);
  await until(async () => (await queue.failed('r')).length > 0);
  const [failed] = await queue.failed('r');
  assert.deepEqual(failed, { job: job(1), reason: 'no such thing' });
  assert.equal(tried, 3);
  assert.deepEqual(await queue.failed('other'), [], 'it is of this run');
  await queue.remove(job(1));
  assert.deepEqual(await queue.failed('r'), []);
});

onBoth('a worker that has room for more takes more while it works', async (t, daemon) => {
  const server = await open(t, daemon);
  const queue = queueOf(t, server);
  const together = Promise.withResolvers<Taken>();
  let begun = 0;
  const it = taker(t, server, () => {
    if (++begun === 1) setTimeout(() => it.resize(3), 200);
    if (begun === 3) together.resolve('done');
    return together.promise;
  });
  await queue.add([job(1), job(2), job(3)]);
  await until(() => begun === 3);
});
