import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { openDistribution } from '../../../src/queue/coordinator/distribution.ts';
import type { WorkerEvent } from '../../../src/queue/worker/worker.ts';
import { rowsIn, startReal, written } from '../../report/run/real.ts';
import { NO_REDIS, startRedis } from '../../servers/index.ts';
import { report, startSite, until, worker } from '../runs.ts';
import { type Ends, folderOf } from '../servers.ts';
import { SHORT } from '../timings.ts';

const REPORT = `
name: few
rows: { sql: "select range as id from range(60)" }
requests: [{ name: items, url: "URL/items/{{id}}" }]
limits: { concurrency: 4 }
crunch: [{ name: each, sql: select id from items }]
dump: [{ table: each, to: each.jsonl }]
`;

async function setUp(t: Ends) {
  const daemon = await startRedis();
  t.after(() => daemon.close());
  const redis = new Redis(daemon.url);
  t.after(() => redis.disconnect());
  const site = await startSite(t);
  site.delayMs = 100;
  const folder = folderOf(t);
  const its = await written(folder, REPORT, site.url);
  return { url: daemon.url, redis, site, folder, report: its };
}

/** Its memory is used up: it answers, and refuses to write. */
const full = (redis: Redis, isFull: boolean) => redis.config('SET', 'maxmemory', isFull ? '1' : '0');

test('a Redis that refuses to write when a run begins ends it with one line', {
  skip: NO_REDIS,
}, async (t) => {
  const { url, redis, report: its } = await setUp(t);
  const distribution = await openDistribution(
    { queue: url, parts: null, version: '0', testServer: null, tell: () => {} },
    SHORT,
  );
  await full(redis, true);
  await assert.rejects(startReal(its, { distribution }).finished, {
    name: 'QueueError',
    message:
      /^redis:\S+ refuses what it is asked \(OOM command not allowed when used memory > 'maxmemory'\)\.$/,
  });
});

test('a Redis that refuses to write for a while is not called unreachable, and the run goes on', {
  skip: NO_REDIS,
}, async (t) => {
  const { url, redis, site, folder, report: its } = await setUp(t);
  const told: string[] = [];
  const events: WorkerEvent[] = [];
  worker(t, url, { tell: (event) => events.push(event) });
  const { run } = await report(t, its, url, { tell: (text) => told.push(text) });
  await until(() => site.asked.size > 0);
  await full(redis, true);
  const away = () => events.find(({ event }) => event === 'away') as { why: string } | undefined;
  await until(() => away() !== undefined && told.some((text) => /refuses/.test(text)));
  await full(redis, false);
  assert.equal((await run.finished).finished, true);
  assert.match(told.join('\n'), /^redis:\S+ refuses what it is asked \(OOM [^)]*\); the run goes on/m);
  assert.match(away()!.why, /^refuses what it is asked \(OOM /);
  assert.equal(rowsIn(folder, 'each.jsonl').length, 60);
});
