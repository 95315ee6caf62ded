import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../folder.ts';
import { rowsIn, written } from '../report/run/real.ts';
import { report, startSite, until, worker } from './runs.ts';
import { type Ends, folderOf, onBoth } from './servers.ts';

const REPORT = `
name: many
rows: { sql: "select range as id from range(300)" }
requests:
  - name: items
    url: "URL/items/{{id}}"
limits: { concurrency: 12, retries: 0 }
crunch:
  - name: each
    sql: select id, status from items order by id
dump:
  - { table: each, to: each.jsonl }
`;

async function setUp(t: Ends, yaml = REPORT) {
  const site = await startSite(t);
  const folder = temporaryFolder(t as TestContext);
  return { site, folder, report: await written(folder, yaml, site.url) };
}

onBoth(
  'two workers fetch every row once, and together no more at once than the run may',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    site.delayMs = 20;
    const workers = [worker(t, url), worker(t, url)];
    const parts = temporaryFolder(t as TestContext);
    const { distribution, run } = await report(t, it, url, { parts });
    const seen = { workers: 0, inFlight: 0 };
    const watching = setInterval(() => {
      seen.workers = Math.max(seen.workers, distribution.workers().length);
      seen.inFlight = Math.max(seen.inFlight, run.progress().inFlight);
    }, 20);
    const outcome = await run.finished;
    clearInterval(watching);
    assert.equal(outcome.finished, true);
    assert.deepEqual(
      rowsIn(folder, 'each.jsonl'),
      Array.from({ length: 300 }, (_, id) => ({ id, status: 200 })),
    );
    assert.deepEqual(
      [...site.asked.values()].filter((times) => times !== 1),
      [],
    );
    assert.equal(site.asked.size, 300);
    assert.ok(site.mostInFlight <= 12, `${site.mostInFlight} in flight`);
    assert.equal(seen.workers, 2);
    assert.ok(seen.inFlight > 0 && seen.inFlight <= 12, `${seen.inFlight} in flight, as the progress says`);
    const { proof, tally } = outcome;
    assert.equal(tally.results, 300);
    assert.match(
      outcome.notes.join('\n'),
      /items: fetched by 2 workers on 1 machine; times are by the clock of (redis|postgres):\S+, to which their clocks are known within \d+\.\d ms/,
    );
    assert.ok(proof.inFlightMax <= 14, `${proof.inFlightMax} in flight, of the records of both`);
    assert.ok(proof.wantedMean > 6 && proof.wantedMean <= 15, `${proof.wantedMean} wanted, of both`);
    for (const each of workers) assert.ok(each.progress().rows > 0, 'both have fetched');
    const left = readdirSync(parts, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.deepEqual(left, [], 'nothing is left at the place of the parts');
  },
);

onBoth(
  'a worker that comes later takes its part, and one that ends leaves the rest to the others',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    site.delayMs = 50;
    const first = worker(t, url);
    const { run } = await report(t, it, url);
    await until(() => first.progress().rows > 0);
    const second = worker(t, url);
    await until(() => second.progress().rows > 0);
    first.stop();
    const { rows } = await first.finished;
    assert.equal((await run.finished).finished, true);
    assert.equal(rowsIn(folder, 'each.jsonl').length, 300);
    assert.deepEqual(
      [...site.asked.values()].filter((times) => times !== 1),
      [],
    );
    assert.ok(rows + second.progress().rows >= 300);
  },
);

onBoth('a cache that workers do not have is told as not used', async (t, { url }) => {
  const site = await startSite(t);
  const text = `rows: { sql: "select range as id from range(5)" }
requests: [{ name: items, url: "URL/items/{{id}}", cache: .cache }]
`;
  worker(t, url);
  const { run } = await report(t, await written(folderOf(t), text, site.url), url);
  const { notes } = await run.finished;
  assert.ok(notes.includes('items: its cache was not used, since workers do not have it'), notes.join('\n'));
});
