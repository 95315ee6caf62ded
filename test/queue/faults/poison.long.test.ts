import assert from 'node:assert/strict';
import { rowsIn } from '../../report/run/real.ts';
import { type Process, report, start } from '../runs.ts';
import { onBoth } from '../servers.ts';
import { ROWS, setUp, WORKER } from './many.ts';

onBoth(
  'a chunk that ends every worker is given up and named: its rows are errors, the others are fetched',
  async (t, { url }) => {
    const { site, folder, report: it } = await setUp(t);
    let current: Process | null = null;
    let deaths = 0;
    const { answer } = site;
    site.answer = (path, response) => {
      if (path !== '/items/42') return answer(path, response);
      deaths++;
      current?.child.kill('SIGKILL');
    };
    const told: string[] = [];
    const { run } = await report(t, it, url, { tell: (text) => told.push(text) });
    let isOver = false;
    const replacing = (async () => {
      while (!isOver) {
        current = start(t, 'worker', { ...WORKER, queue: url });
        await Promise.race([current.ended, run.finished]);
      }
    })();
    const outcome = await run.finished;
    isOver = true;
    await replacing;
    assert.equal(outcome.finished, true);
    const rows = rowsIn(folder, 'each.jsonl');
    assert.equal(rows.length, ROWS);
    assert.deepEqual(
      rows.filter(({ code }) => code !== null),
      Array.from({ length: 10 }, (_, i) => ({ id: 40 + i, status: null, code: 'chunk-failed' })),
    );
    assert.ok(deaths >= 2 && deaths <= 4, `${deaths} workers died of it`);
    const note =
      /chunk 4 of 'items' \(rows 41 to 50 of 'items'\) was given up: every worker that took it ended/;
    assert.match(outcome.notes.join('\n'), note);
    assert.match(told.join('\n'), note);
  },
);
