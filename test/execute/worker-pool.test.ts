import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { rowsOf, run, temporaryFolder } from './orders.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

const url = (path: string) => `${server.httpUrl}${path}`;
const NOTHING_DROPPED = { dropFailed: false };

test('what comes out does not depend on the number of threads', async (t) => {
  const jobs = [
    ...rowsOf(1500, (i) =>
      url(i % 50 === 0 ? '/status/500' : `/base64/${Buffer.from(`${i}`).toString('base64url')}`),
    ),
    { index: 1500, data: {}, error: 'no host' },
  ];
  const view = async (workers: number) => {
    const folder = temporaryFolder(t);
    const { lines, executed, verdict, trace } = await run(folder, jobs, {}, NOTHING_DROPPED, workers);
    assert.equal(executed.results, 1501);
    assert.equal(readdirSync(join(folder, 'parts')).length, workers);
    assert.equal(verdict.requests, 1500);
    const records = trace
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const kind of ['exchange', 'connection']) {
      const ids = records.filter((record) => record.kind === kind).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, `${kind} ids are each given once`);
    }
    return lines
      .map(({ index, page, chunk, data, url, status, error, body }) => ({
        index,
        page,
        chunk,
        data,
        url,
        status,
        error,
        body,
      }))
      .sort((one, other) => one.index - other.index);
  };
  const [one, three] = [await view(1), await view(3)];
  assert.deepEqual(three, one);
});

test('concurrency, limits of origins and the rate are of all threads together', async (t) => {
  const jobs = rowsOf(240, (i) => url(`/delay/0.05?${i}`));
  const options = { concurrency: 10, perOrigin: [] };
  const wide = await run(temporaryFolder(t), jobs, { options }, NOTHING_DROPPED, 3);
  assert.equal(wide.verdict.inFlight.max, 10);
  assert.ok(wide.verdict.inFlight.mean! > 4, `more than a thread's share: ${wide.verdict.inFlight.mean}`);

  const limited = { concurrency: 30, perOrigin: [['*', 5]] as const };
  const narrow = await run(temporaryFolder(t), jobs.slice(0, 60), { options: limited }, NOTHING_DROPPED, 3);
  // A thread that starts late on a busy machine leaves its share unused.
  const { max } = narrow.verdict.inFlight;
  assert.ok(max > 2 && max <= 5, `${max}`);

  const paced = { concurrency: 30, perOrigin: [], rate: '60/s' as const };
  const slow = await run(temporaryFolder(t), jobs.slice(0, 60), { options: paced }, NOTHING_DROPPED, 3);
  // 60 at 60 a second; three threads that each had the whole rate would need a third of it.
  assert.ok(slow.executed.wallMs > 700, `${slow.executed.wallMs}`);
});

test('what a thread has no use for is given to another', async (t) => {
  // The first rows are slow: who got them still works when the others have nothing left.
  const jobs = rowsOf(120, (i) => url(i < 80 ? `/delay/0.4?${i}` : '/get'));
  const options = { concurrency: 20, perOrigin: [] };
  const { executed, verdict } = await run(temporaryFolder(t), jobs, { options }, NOTHING_DROPPED, 2);
  assert.equal(executed.results, 120);
  assert.ok(verdict.inFlight.max! <= 20);
});

test('secrets reach the threads, and no file', async (t) => {
  const folder = temporaryFolder(t);
  const jobs = rowsOf(20, () => url('/headers')).map((job, i) => ({
    ...job,
    headers: { authorization: `Bearer hidden-${i}-value` },
    credentials: ['authorization'],
    secrets: [`Bearer hidden-${i}-value`, `hidden-${i}-value`],
  }));
  const { lines, trace } = await run(folder, jobs, {}, NOTHING_DROPPED, 2);
  assert.ok(
    lines.every(({ body }) => body!.includes('***')),
    'the server saw them',
  );
  assert.ok(!`${JSON.stringify(lines)}${trace}`.includes('hidden-'));
});

test('a source of jobs that fails ends all threads with its error', async (t) => {
  const { execute, WorkerRecords, openParts } = await import('../../src/execute/index.ts');
  const { RunRecorder } = await import('../../src/record/index.ts');
  const { HOW } = await import('./orders.ts');
  const folder = temporaryFolder(t);
  const parts = await openParts(join(folder, 'parts'), NOTHING_DROPPED);
  const recorder = { name: 'test', version: '0' };
  const own = new RunRecorder({ wanted: 5, recorder, command: [] });
  async function* jobs() {
    yield* rowsOf(30, () => url('/get'));
    throw new Error('the source is gone');
  }
  const { finished } = execute(
    { jobs: jobs(), count: 100, workers: 2, parts, how: HOW },
    { records: new WorkerRecords(own, 0), took() {} },
  );
  await assert.rejects(finished, /the source is gone/);
});
