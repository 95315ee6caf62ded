import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerEvent } from '../../../src/queue/worker/worker.ts';
import { rowsIn, written } from '../../report/run/real.ts';
import { report, startSite, until, worker } from '../runs.ts';
import { folderOf, onBoth } from '../servers.ts';

const REPORT = `
name: few
rows: { sql: "select range as id from range(10)" }
requests: [{ name: items, url: "URL/items/{{id}}" }]
limits: { concurrency: 4, retries: 0 }
crunch: [{ name: each, sql: "select id, error from items" }]
dump: [{ table: each, to: each.jsonl }]
`;

onBoth(
  'a worker that can not write a chunk does not send its requests again each second',
  async (t, { url }) => {
    const site = await startSite(t);
    const folder = folderOf(t);
    const parts = join(folderOf(t), 'parts');
    mkdirSync(parts);
    const { run } = await report(t, await written(folder, REPORT, site.url), url, { parts });
    await until(() => readdirSync(parts).some((name) => existsSync(join(parts, name, 'rows'))));
    const chunks = join(parts, readdirSync(parts)[0]!, 'chunks');
    writeFileSync(chunks, 'a file where a folder would be');
    const events: WorkerEvent[] = [];
    worker(t, url, { tell: (event) => events.push(event) });
    await until(() => events.some(({ event }) => event === 'cannot'));
    await sleep(9000);
    const most = Math.max(...site.asked.values());
    assert.ok(most >= 2 && most <= 5, `the same URL was asked for ${most} times in 9 s`);
    rmSync(chunks);
    assert.equal((await run.finished).exitCode, 0);
    assert.deepEqual(
      rowsIn(folder, 'each.jsonl').map(({ error }) => error),
      Array(10).fill(null),
    );
  },
);
