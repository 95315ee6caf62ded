import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Sandbox } from './lambda.ts';
import { Queue } from './queue.ts';
import { layFunction, startSite } from './site.ts';

const TIMEOUT_MS = 20_000;
/** Of an invocation, also on a busy machine. */
const LEAST_USED = 0.75;

test('10,000 rows of 100 ms, 14 at once, take 4 invocations of 20 s, or more where answers take longer: each but the last uses most of its time', async (t) => {
  const site = await startSite(t, 100);
  const { env, storage } = layFunction(t, { url: site.url, rows: 10_000 });
  const queue = await Queue.start(t);
  const sandbox = await Sandbox.start(t, { env: { ...env, ...queue.env }, timeoutMs: TIMEOUT_MS });
  const outcomes = [await sandbox.invoke({ run: 'figures' }), ...(await queue.drain(sandbox))];
  const used = outcomes.map(({ usedMs }) => usedMs / TIMEOUT_MS);
  t.diagnostic(`used: ${used.map((share) => `${(share * 100).toFixed(1)}%`).join(', ')}`);

  assert.deepEqual([...new Set(site.asked.values())], [1], 'every row was asked for once');
  assert.equal(site.asked.size, 10_000);
  assert.equal(
    readFileSync(join(storage, 'figures/files/out/counts.csv'), 'utf8'),
    'n,ids,good\n10000,10000,10000\n',
  );
  assert.ok(outcomes.every(({ kind }) => kind === 'response'));
  // 71.4 s of requests fit into 4 of 20 s on an idle machine. On a busy one answers take longer.
  const requestsMs = (10_000 * site.meanMs) / 14;
  const most = Math.ceil(requestsMs / (LEAST_USED * TIMEOUT_MS));
  assert.ok(
    outcomes.length >= 4 && outcomes.length <= most,
    `${outcomes.length} invocations, ${requestsMs} ms`,
  );
  // Nine tenths on an idle machine. One that has fetched the last row may leave the tables to the next.
  for (const share of used.slice(0, -1)) assert.ok(share >= LEAST_USED && share < 1, `${share}`);
});
