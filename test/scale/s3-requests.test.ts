import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { temporaryFolder } from '../folder.ts';
import { NO_REDIS, startRedis } from '../servers/index.ts';
import { startFaultyS3 } from '../storage/faulty-s3.ts';
import { S3_REQUESTS } from './paper.ts';
import { startAbreast } from './program.ts';
import { readCounts, writeReport } from './report.ts';

const CHUNKS = 10;

test('a chunk costs as many requests of S3 as docs/scale.md counts with', { skip: NO_REDIS }, async (t) => {
  const s3 = await startFaultyS3(t, () => undefined);
  const [redis, site] = await Promise.all([startRedis(), startServer({ httpsPort: false })]);
  t.after(() => Promise.all([redis.close(), site.close()]));
  const cwd = temporaryFolder(t);
  const worker = startAbreast('worker', ['worker', '--queue', redis.url, '--exit-when-idle', '3s'], { cwd });
  const work = { count: CHUNKS * 500, sites: [site.httpUrl!], perOrigin: 100, rate: null, delayMs: 20 };
  const args = ['report', writeReport(cwd, work), '--queue', redis.url, '--parts', 's3://bucket/runs'];
  const coordinator = startAbreast('coordinator', [...args, '--out', join(cwd, 'run')], { cwd });
  assert.equal(await coordinator.ended, 0, coordinator.said);
  assert.equal(await worker.ended, 0, worker.said);
  assert.equal(readCounts(cwd)?.rows, work.count);
  const perChunk = (wanted: string) =>
    s3.asked.filter(({ method, path }) => method === wanted && /\/(chunks|rows)\/gets\//.test(path)).length /
    CHUNKS;
  assert.deepEqual({ puts: perChunk('PUT'), gets: perChunk('GET') }, S3_REQUESTS);
});
