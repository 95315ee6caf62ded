import assert from 'node:assert/strict';
import { until, worker } from '../runs.ts';
import { onBoth } from '../servers.ts';
import { asked, coordinator, isWhole, outcomeOf, setUp } from './many.ts';

onBoth('a second report of the same run is refused while the first one is there', async (t, { url }) => {
  const { site, folder } = await setUp(t);
  site.delayMs = 2000;
  const first = coordinator(t, folder, url, 'new');
  worker(t, url);
  await until(() => asked(site) > 0);
  const second = coordinator(t, folder, url, 'resume');
  assert.match(String((await outcomeOf(second)).failed), /another run writes to it/);
  site.delayMs = 5;
  assert.deepEqual(await outcomeOf(first), { finished: true, exitCode: 0 });
  isWhole(folder);
});
