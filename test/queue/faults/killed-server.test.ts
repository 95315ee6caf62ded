import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { report, until, worker } from '../runs.ts';
import { onBoth } from '../servers.ts';
import { isWhole, setUp } from './many.ts';

onBoth('a server that was killed and is there again has lost nothing: the run goes on', async (t, daemon) => {
  const { site, folder, report: it } = await setUp(t);
  site.delayMs = 50;
  const told: string[] = [];
  const heard: unknown[] = [];
  const working = worker(t, daemon.url, { tell: (event) => heard.push(event.event) });
  const { run } = await report(t, it, daemon.url, { tell: (text) => told.push(text) });
  await until(() => working.progress().rows > 20);
  site.delayMs = 1_000; // the run lasts until the server is back
  await sleep(1100); // Redis writes its file once a second
  await daemon.kill();
  await until(() => told.some((text) => /can't be reached/.test(text)));
  await daemon.start();
  await until(() => told.some((text) => /is there again/.test(text)));
  site.delayMs = 50;
  assert.equal((await run.finished).finished, true);
  isWhole(folder);
  assert.match(
    told.join('\n'),
    /^(redis|postgres):\S+ can't be reached \(.*\); the run goes on when it is back$/m,
  );
  assert.doesNotMatch(told.join('\n'), /\n {4}at /);
});
