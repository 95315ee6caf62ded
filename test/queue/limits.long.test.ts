import assert from 'node:assert/strict';
import { written } from '../report/run/real.ts';
import { report, startSite, until, worker } from './runs.ts';
import { folderOf, onBoth } from './servers.ts';

function yaml(limits: string): string {
  return `
name: limits
rows: { sql: "select range as id from range(120)" }
requests: [{ name: items, url: "URL/items/{{id}}" }]
limits: ${limits}
`;
}

onBoth(
  'a limit by origin holds while workers come and go, also where answers are slow',
  async (t, { url }) => {
    const site = await startSite(t);
    site.delayMs = 1000; // the first worker alone would need half a minute: the second one comes before that
    const first = worker(t, url);
    const it = await written(folderOf(t), yaml('{ concurrency: 50, perOrigin: 4 }'), site.url);
    const { run } = await report(t, it, url);
    await until(() => site.asked.size > 4);
    const second = worker(t, url);
    await until(() => second.progress().inFlight > 0);
    site.delayMs = 40;
    worker(t, url);
    await until(() => site.asked.size > 60);
    first.stop();
    assert.equal((await run.finished).finished, true);
    assert.ok(site.mostInFlight <= 4, `${site.mostInFlight} in flight`);
    assert.ok(second.progress().rows > 0);
  },
);

onBoth('a rate is the rate of all workers', async (t, { url }) => {
  const site = await startSite(t);
  worker(t, url);
  worker(t, url);
  const it = await written(folderOf(t), yaml('{ concurrency: 20, rate: 40/s }'), site.url);
  const { run } = await report(t, it, url);
  await until(() => site.asked.size > 0);
  const startedMs = performance.now();
  assert.equal((await run.finished).finished, true);
  const seconds = (performance.now() - startedMs) / 1000;
  assert.ok(seconds >= 2.7, `120 requests at 40/s took ${seconds} s`);
});

onBoth(
  'where there are more workers than a limit allows requests, some wait, and all is done',
  async (t, { url }) => {
    const site = await startSite(t);
    site.delayMs = 5;
    const workers = [worker(t, url), worker(t, url), worker(t, url)];
    const it = await written(folderOf(t), yaml('{ concurrency: 9, perOrigin: 2 }'), site.url);
    const { run } = await report(t, it, url);
    assert.equal((await run.finished).finished, true);
    assert.ok(site.mostInFlight <= 2, `${site.mostInFlight} in flight`);
    assert.equal(
      workers.reduce((sum, each) => sum + each.progress().rows, 0),
      120,
    );
  },
);

onBoth('what an origin asks of one worker by Retry-After, all keep to', async (t, { url }) => {
  const site = await startSite(t);
  const times: number[] = [];
  let askedMs = 0;
  const { answer } = site;
  site.delayMs = 30;
  site.answer = (path, response) => {
    times.push(performance.now());
    if (times.length < 40 || askedMs > 0) return answer(path, response);
    askedMs = performance.now();
    response.writeHead(429, { 'retry-after': '5' }).end();
  };
  const workers = [worker(t, url), worker(t, url)];
  const limits = '{ concurrency: 8, rate: 30/s, retries: 2, maxRetryAfter: 10s }';
  const { run } = await report(t, await written(folderOf(t), yaml(limits), site.url), url);
  assert.equal((await run.finished).finished, true);
  for (const each of workers) assert.ok(each.progress().rows > 0, 'both have fetched');
  const meanwhile = times.filter((ms) => ms > askedMs + 2500 && ms < askedMs + 4900);
  assert.deepEqual(meanwhile, []);
  assert.equal(site.asked.size, 120);
});
