import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { takePlace } from '../../../src/queue/coordinator/place.ts';
import { ChunkQueue } from '../../../src/queue/jobs/chunk-queue.ts';
import { ClockOffset } from '../../../src/queue/ledger/clock.ts';
import { Ledger } from '../../../src/queue/ledger/ledger.ts';
import type { WorkerEvent, WorkerOptions } from '../../../src/queue/worker/worker.ts';
import { rowsIn, written } from '../../report/run/real.ts';
import { report, startSite, until, worker } from '../runs.ts';
import { type Ends, folderOf, onBoth, open } from '../servers.ts';
import { SHORT } from '../timings.ts';

const REPORT = `
name: few
rows: { sql: "select range as id from range(30)" }
requests:
  - name: items
    url: "URL/items/{{id}}"
    headers: { authorization: "Bearer \${ITEMS_TOKEN}" }
limits: { concurrency: 8, retries: 0 }
crunch:
  - name: each
    sql: select id, status from items order by id
dump:
  - { table: each, to: each.jsonl }
`;

async function setUp(t: Ends, queue: string, unfit: Partial<WorkerOptions>) {
  process.env.ITEMS_TOKEN = 'S3CRET-of-the-report';
  t.after(() => delete process.env.ITEMS_TOKEN);
  const site = await startSite(t);
  const folder = folderOf(t);
  const told: string[] = [];
  const events: WorkerEvent[] = [];
  const unable = worker(t, queue, { ...unfit, tell: (event) => events.push(event) });
  const parts = join(folderOf(t), 'parts');
  mkdirSync(parts);
  const { run } = await report(t, await written(folder, REPORT, site.url), queue, {
    parts,
    tell: (text) => told.push(text),
  });
  return { site, folder, parts, told, events, unable, run };
}

type Case = Awaited<ReturnType<typeof setUp>>;

/** What it can't do is said on both sides, before it sends anything; another worker does the work. */
async function isNamed(t: Ends, queue: string, it: Case, why: RegExp): Promise<void> {
  const { site, folder, told, events, unable, run } = it;
  await until(() => told.some((text) => /can't work on this run/.test(text)));
  assert.equal(site.asked.size, 0);
  const [cannot] = events.filter(({ event }) => event === 'cannot') as { why: string }[];
  assert.match(cannot!.why, why);
  assert.doesNotMatch(cannot!.why, /S3CRET|\n {4}at /);
  assert.match(told.join('\n'), /^worker \d+ on \S+ can't work on this run: /);
  assert.match(told.join('\n'), why);
  worker(t, queue, { env: { ITEMS_TOKEN: 'S3CRET-of-the-worker' } });
  assert.equal((await run.finished).finished, true);
  assert.equal(rowsIn(folder, 'each.jsonl').length, 30);
  assert.equal(unable.progress().rows, 0);
  assert.equal(events.filter(({ event }) => event === 'cannot').length, 1, 'it is said once');
}

onBoth('a worker without a variable of the run names it before its first request', async (t, { url }) => {
  const it = await setUp(t, url, {});
  await isNamed(t, url, it, /ITEMS_TOKEN/);
});

onBoth('a worker of another version is refused, and both versions are named', async (t, { url }) => {
  const it = await setUp(t, url, { version: '9.9.9', env: { ITEMS_TOKEN: 'x' } });
  await isNamed(t, url, it, /the run was begun by abreast 0, and this worker is abreast 9\.9\.9/);
});

onBoth(
  'a worker that does not find the run at its place says so, and gives the chunk back',
  async (t, daemon) => {
    const server = await open(t, daemon);
    const self = { id: 'one', run: 'r', version: '0', limits: { concurrency: 5 } };
    const ledger = new Ledger(server.documents, 'r', new ClockOffset());
    await takePlace(ledger, self, SHORT);
    const queue = new ChunkQueue(server);
    t.after(() => queue.close());
    const storage = join(folderOf(t), 'elsewhere');
    const job = { run: 'r', request: 'items', chunk: 0, round: 1, storage };
    await queue.add([job]);
    const events: WorkerEvent[] = [];
    worker(t, daemon.url, { tell: (event) => events.push(event) });
    const said = async () => Object.values((await ledger.read()).state?.members ?? {})[0]?.cannot ?? null;
    await until(async () => (await said()) !== null);
    assert.equal(
      await said(),
      `there is no ${storage}/r/run.json: the run was removed, or this is not the place of its parts.`,
    );
    await until(() => events.some(({ event }) => event === 'cannot'));
    assert.equal(await queue.has(job), true);
    assert.deepEqual(await queue.failed('r'), []);
  },
);
