import assert from 'node:assert/strict';
import { until, worker } from '../runs.ts';
import { onBoth } from '../servers.ts';
import { asked, coordinator, isWhole, outcomeOf, ROWS, setUp } from './many.ts';

onBoth(
  'a report that was killed is continued: what workers fetched meanwhile is brought home once',
  async (t, { url }) => {
    const { site, folder } = await setUp(t);
    site.delayMs = 50;
    worker(t, url);
    const first = coordinator(t, folder, url, 'new');
    await until(() => asked(site) > 60);
    await first.kill();
    const atKill = asked(site);
    await until(() => asked(site) > atKill + 20 || asked(site) === ROWS);
    site.delayMs = 5;
    const second = coordinator(t, folder, url, 'resume');
    assert.deepEqual(await outcomeOf(second), { finished: true, exitCode: 0 });
    isWhole(folder);
    assert.deepEqual(
      [...site.asked.values()].filter((times) => times !== 1),
      [],
      'no row was fetched twice',
    );
  },
);
