import assert from 'node:assert/strict';
import { report, start, until, worker } from '../runs.ts';
import { onBoth } from '../servers.ts';
import { asked, isWhole, ROWS, setUp, WORKER } from './many.ts';

onBoth(
  'what a killed worker had is fetched by another one, and nothing is lost or twice',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    site.delayMs = 100;
    const { run } = await report(t, it, url);
    const first = start(t, 'worker', { ...WORKER, queue: url });
    await until(() => asked(site) > 15);
    await first.kill();
    const killedMs = performance.now();
    site.delayMs = 5;
    worker(t, url);
    const outcome = await run.finished;
    assert.equal(outcome.finished, true);
    isWhole(folder);
    assert.equal(outcome.tally.results, ROWS);
    const { givenUpMs, overlap } = outcome.proof;
    assert.ok(givenUpMs['lost worker']! > 1000, 'what waited for its lock is said to have been wanted');
    assert.ok(overlap < 0.9, `${overlap}`);
    // Its lock, and two looks for locks that have run out; on a busy machine.
    assert.ok(performance.now() - killedMs < 90_000, 'handed on');
  },
);
