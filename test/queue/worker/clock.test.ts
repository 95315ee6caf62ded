import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockOffset } from '../../../src/queue/ledger/clock.ts';
import { startWorker } from '../../../src/queue/worker/worker.ts';
import { NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from '../../servers/index.ts';
import { SHORT } from '../timings.ts';

test('the shortest round trip is the most exact, and clocks that may be equal count as equal', () => {
  const clock = new ClockOffset();
  assert.equal(clock.at(0), null);
  clock.measured(0, 500_000, 100_000);
  assert.deepEqual(clock.at(100_000), { offsetUs: 450_000, errorUs: 50_000 });
  clock.measured(200_000, 640_100, 200_200);
  assert.deepEqual(clock.at(200_200), { offsetUs: 440_000, errorUs: 100 });
  clock.measured(300_000, 800_000, 400_000);
  assert.equal(clock.at(400_000)!.offsetUs, 440_000, 'a longer trip says less');
  assert.ok(clock.at(100_000_000)!.errorUs > 9000, 'until it is old: clocks drift');
  clock.measured(500_000, 9_550_000, 600_000);
  assert.equal(clock.at(600_000)!.offsetUs, 9_000_000, 'a clock was set: also a longer trip counts');
  const same = new ClockOffset();
  same.measured(0, 80, 100);
  assert.deepEqual(same.at(100), { offsetUs: 0, errorUs: 50 });
});

const OFF_MS = 600_000;
const OPTIONS = { version: '0', env: {}, concurrency: null, idleMs: 1, tell: () => {} };

/** As on a machine whose clock is 10 minutes ahead. */
async function withWrongClock<Result>(work: () => Promise<Result>): Promise<Result> {
  const { now } = Date;
  Date.now = () => now() + OFF_MS;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

test('on PostgreSQL a worker whose clock is 10 minutes off is refused, and by how much', {
  skip: NO_POSTGRES,
}, async (t) => {
  const { url, ...server } = await startPostgres();
  t.after(() => server.close());
  await assert.rejects(
    withWrongClock(() => startWorker({ ...OPTIONS, queue: url }, SHORT).finished),
    /^QueueError: the clock of this machine is (599|600|601) s ahead of that of postgres:.*Set it, or use a queue on Redis\.$/,
  );
});

test('on Redis it works', { skip: NO_REDIS }, async (t) => {
  const { url, ...server } = await startRedis();
  t.after(() => server.close());
  await withWrongClock(() => startWorker({ ...OPTIONS, queue: url }, SHORT).finished);
});
