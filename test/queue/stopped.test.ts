import assert from 'node:assert/strict';
import { asked, isWhole, ROWS, setUp } from './faults/many.ts';
import { report, until, worker } from './runs.ts';
import { onBoth } from './servers.ts';

onBoth(
  'a report that is stopped lets workers finish their chunks, and --resume continues',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    site.delayMs = 50;
    const working = worker(t, url);
    const { run } = await report(t, it, url);
    await until(() => asked(site) > 30);
    run.stop('SIGINT');
    const { finished, exitCode, requests } = await run.finished;
    assert.deepEqual([finished, exitCode], [false, 3]);
    const before = asked(site);
    assert.ok(before < ROWS, 'it is stopped');
    assert.equal(requests[0]!.done, before, 'what was sent is home');
    assert.equal(before % 10, 0, 'in whole chunks');
    assert.equal(working.progress().inFlight, 0);
    site.delayMs = 5;
    const again = await report(t, it, url, { run: { mode: 'resume' } });
    assert.equal((await again.run.finished).finished, true);
    isWhole(folder);
    assert.deepEqual(
      [...site.asked.values()].filter((times) => times !== 1),
      [],
    );
  },
);

onBoth(
  'a report that is aborted ends at once, and its workers give up what they have',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    site.delayMs = 20;
    const working = worker(t, url);
    const { run } = await report(t, it, url);
    await until(() => asked(site) > 30);
    site.delayMs = 60_000;
    await until(() => working.progress().inFlight > 0);
    run.stop('SIGINT');
    run.abort();
    assert.equal((await run.finished).exitCode, 130);
    await until(() => working.progress().inFlight === 0);
    site.delayMs = 5;
    const again = await report(t, it, url, { run: { mode: 'resume' } });
    assert.equal((await again.run.finished).finished, true);
    isWhole(folder);
  },
);

onBoth('a worker that is aborted gives its chunks to others at once', async (t, { url }) => {
  const { site, folder, report: it } = await setUp(t);
  site.delayMs = 60_000;
  const first = worker(t, url);
  const { run } = await report(t, it, url);
  await until(() => first.progress().inFlight > 0);
  first.stop();
  first.abort();
  await first.finished;
  site.delayMs = 5;
  worker(t, url);
  const outcome = await run.finished;
  assert.equal(outcome.finished, true);
  isWhole(folder);
  // 8 slots that wait for a lock of 3 s would be 24,000.
  assert.ok((outcome.proof.givenUpMs['lost worker'] ?? 0) < 12_000, 'nothing waited for a lock');
});
